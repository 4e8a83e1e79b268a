/* SPDX-License-Identifier: Apache-2.0 */

/* Composition root: the table of commands, each from the room that does it. */

#include <stddef.h>

#include "cli/command.h"
#include "replay/command.h"

static const struct weir_command *const weir_command_table[] = {
    &weir_command_replay,
    NULL,
};

int main(int argc, char **argv)
{
    return weir_commands_run(weir_command_table, argc, argv);
}
