/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/command.h"

extern const struct weir_command weir_command_run;
/* These work with the daemon dead, too. */
extern const struct weir_command weir_command_mode;
extern const struct weir_command weir_command_down;
extern const struct weir_command weir_command_doctor;
extern const struct weir_command weir_command_policy_check;
extern const struct weir_command weir_command_policy_keys;
extern const struct weir_command weir_command_policy_apply;
extern const struct weir_command weir_command_policy_show;
