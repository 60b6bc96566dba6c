import { resourcesOf, textOf } from '../document/block.js';
import { jwtRoles } from '../jwt/jwt-role.js';
import type { Rule } from '../rule.js';

/** A `default_role` that the document doesn't declare. It may be declared elsewhere. */
export const undeclaredDefaultRole: Rule = {
  code: 'undeclared-default-role',
  severity: 'warning',
  check: (document) => {
    const roles = jwtRoles(document).map(({ block, backend }) => ({
      name: textOf(block, 'role_name')?.toLowerCase(),
      backend,
    }));
    return resourcesOf(document, 'vault_jwt_auth_backend').flatMap((block) => {
      const found = textOf(block, 'default_role') ?? '';
      // A role whose name or auth method is not known may be the one. Vault makes names of roles lower case.
      const mayBe = roles.filter(({ backend }) => backend === undefined || backend === block);
      if (found === '' || mayBe.some(({ name }) => name === undefined || name === found.toLowerCase())) return [];
      return [
        {
          block,
          attribute: 'default_role',
          found,
          reason: 'nothing here declares it, and Vault takes any name: a login without a role is refused',
          fix: 'declare it, correct the name, or allow this where it is declared elsewhere',
        },
      ];
    });
  },
};
