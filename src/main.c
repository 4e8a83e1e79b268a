/* SPDX-License-Identifier: Apache-2.0 */

/* Composition root: the table of commands, each from the room that does it. */

#include <stddef.h>

#include "cli/client_commands.h"
#include "cli/command.h"
#include "daemon/command.h"
#include "replay/command.h"

static const struct weir_command *const weir_command_table[] = {
    &weir_command_run,          &weir_command_replay,
    &weir_command_status,       &weir_command_top,
    &weir_command_flows,        &weir_command_services,
    &weir_command_floods,       &weir_command_explain,
    &weir_command_events,       &weir_command_ban,
    &weir_command_unban,        &weir_command_bans,
    &weir_command_mode,         &weir_command_policy_check,
    &weir_command_policy_apply, &weir_command_policy_show,
    &weir_command_policy_keys,  &weir_command_doctor,
    &weir_command_down,         NULL,
};

int main(int argc, char **argv)
{
    return weir_commands_run(weir_command_table, argc, argv);
}
