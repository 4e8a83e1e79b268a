/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/command.h"

extern const struct weir_command weir_command_replay;
