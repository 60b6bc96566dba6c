/** @import { BoundCheck } from './role-check.js' */
import { byId, setText, showOutcomes } from './dom.js';
import { decode } from './jwt.js';
import { readRole, roleChecks } from './role-check.js';

/** A role of Vault's that the debugger's token is checked against, in the browser alone. */
export function rolePanel() {
  const text = byId('role-json', HTMLTextAreaElement);
  const list = byId('role-checks', HTMLOListElement);
  const verdict = byId('role-verdict', HTMLElement);

  /** @type {(className: string, words: string, checks?: readonly BoundCheck[]) => void} */
  const say = (className, words, checks = []) => {
    verdict.className = `verdict ${className}`;
    verdict.hidden = words === '';
    setText(verdict, words);
    list.hidden = checks.length === 0;
    showOutcomes(list, checks);
  };
  return {
    /**
     * @param {string} token
     * @param {number} now seconds since 1970
     */
    show: (token, now) => {
      if (text.value.trim() === '') return say('', '');
      const read = readRole(text.value);
      text.setAttribute('aria-invalid', String('problem' in read));
      if ('problem' in read) return say('', read.problem);
      if (token === '') return say('', 'Paste a token above.');
      const claims = decode(token).claims?.object;
      if (!claims) return say('refused', 'Refused by the role: the token has no claims that can be read');
      const checks = roleChecks(claims, read.role, now);
      const unmet = checks.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name);
      if (unmet.length > 0) return say('refused', `Refused by the role: ${unmet.join(', ')}`, checks);
      return say('valid', 'The token matches every bound of the role', checks);
    },
    onInput: (/** @type {() => void} */ listener) => text.addEventListener('input', listener),
  };
}
