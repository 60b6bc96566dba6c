import { type Block, resourcesOf, textOf } from '../document/document.js';
import { rolesByBackend } from '../jwt/jwt-role.js';
import type { Rule } from '../rule.js';

/** A `default_role` that the document doesn't declare. It may be declared elsewhere. */
export const undeclaredDefaultRole: Rule = {
  code: 'undeclared-default-role',
  severity: 'warning',
  check: (document) => {
    const namesOf = (backend: Block | undefined): ReadonlySet<string | undefined> =>
      new Set(
        (rolesByBackend(document).get(backend) ?? []).map(({ block }) => textOf(block, 'role_name')?.toLowerCase()),
      );
    const ofNone = namesOf(undefined);
    return resourcesOf(document, 'vault_jwt_auth_backend').flatMap((block) => {
      const found = textOf(block, 'default_role') ?? '';
      // A role whose name or auth method is not known may be the one. Vault makes names of roles lower case.
      const isThere = (names: ReadonlySet<string | undefined>) =>
        names.has(undefined) || names.has(found.toLowerCase());
      if (found === '' || isThere(ofNone) || isThere(namesOf(block))) return [];
      return [
        {
          block,
          attribute: 'default_role',
          found,
          reason: 'nothing here declares it, and Vault accepts any name: a login without a role is refused',
          fix: 'declare it, correct the name, or allow this where it is declared elsewhere',
        },
      ];
    });
  },
};
