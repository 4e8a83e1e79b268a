/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The other end of the daemon's socket. Functions print what goes wrong and return an exit status
 * (cli/command.h). */

#include <jansson.h>

#include "cli/command.h"

#define WEIR_STATE_DIR_DEFAULT "/run/weir"
#define WEIR_CLIENT_DOWN 3 /* exit status: daemon not reachable */

/* *ret_fd is owned. quiet: nothing is printed when there is no daemon. */
int weir_client_open(const char *state_dir, int quiet, int *ret_fd);
/* Takes the request over. */
int weir_client_send(int fd, json_t *request);
/* *ret is owned: one reply that says ok, else its error is printed and its code returned. */
int weir_client_receive(int fd, json_t **ret);
/* Give up on a daemon that is silent for so long; without it a reader waits. */
void weir_client_patience(int fd, int seconds);
#define WEIR_CLIENT_SECONDS 5
/* All of it, with patience. ret may be NULL. */
int weir_client_ask(const char *state_dir, json_t *request, json_t **ret);
/* A whole command that only reads: its name is the request, --json and --state-dir its options;
 * print shows the reply to people. Returns an exit status. */
int weir_client_report(const struct weir_command *self, int argc, char **argv,
                       void (*print)(json_t *reply));
/* For _cleanup_. */
void weir_json_freep(json_t **j);
