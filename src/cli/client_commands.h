/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/command.h"

/* Commands that ask the daemon. */
extern const struct weir_command weir_command_status;
extern const struct weir_command weir_command_top;
extern const struct weir_command weir_command_flows;
extern const struct weir_command weir_command_services;
extern const struct weir_command weir_command_floods;
extern const struct weir_command weir_command_explain;
extern const struct weir_command weir_command_events;
extern const struct weir_command weir_command_ban;
extern const struct weir_command weir_command_unban;
extern const struct weir_command weir_command_bans;
