import { groupMembers } from '../group-members.js';

/** Entities in a group. */
export const vaultIdentityGroupMemberEntityIds = groupMembers('member_entity_ids');
