import { groupMembers } from '../group-members.js';

/** Groups in a group. */
export const vaultIdentityGroupMemberGroupIds = groupMembers('member_group_ids');
