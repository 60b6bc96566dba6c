import type { Rule } from '../rule.js';
import { SECRET_NAME_END } from '../secrets.js';

const SECRET_NAME = new RegExp(`(?:^|_)${SECRET_NAME_END}$`, 'i');
/** An attribute of a resource or a data source, in a module too. A resource may be called `token` or `jwt` itself. */
const SECRET_ATTRIBUTE = new RegExp(
  `^(?:data\\.)?(?:vault|consul)_\\w+\\.[\\w-]+(?:\\[[^\\]]*\\])?\\.(?:.*\\.)?(?:client_token|data_json|bindpass|${SECRET_NAME_END})$`,
);

/** An output that looks as if it were a secret: `sensitive` hides it in the terminal, not in the state. */
export const secretLookingOutput: Rule = {
  code: 'secret-looking-output',
  severity: 'warning',
  check: (document) =>
    document.blocks
      .filter(({ kind }) => kind === 'output')
      .flatMap((block) => {
        const name = block.address.replace(/^output\./, '');
        const reference = block.references['value']?.find((one) => SECRET_ATTRIBUTE.test(one));
        if (reference === undefined && !SECRET_NAME.test(name)) return [];
        return [
          {
            block,
            attribute: 'value',
            ...(reference === undefined ? {} : { found: reference }),
            reason: 'an output is stored in the state in plain text, even if it is marked as sensitive',
            fix: 'leave it out, and let its consumer log in to Vault; allow this if it is not a secret',
          },
        ];
      }),
};
