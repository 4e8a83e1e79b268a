/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What both forms of output, JSON and text, ask of a record. All of it holds for any content: a
 * number that has no name gets "unknown", never a read past a table. */

#include "abi/event.h"
#include "events/names.h"

#include <stdbool.h>

#define WEIR_PROTO_TEXT 16
#define WEIR_EVIDENCE_NAME 32
#define WEIR_TCP_LETTERS 9

/* Never NULL. */
const struct weir_detection_info *weir_event_info(const struct weir_event *ev);

/* Were the fixed 20 bytes of a TCP header read? */
bool weir_event_has_tcp(const struct weir_event *ev);

/* Are other findings and the packet's fields those of a packet? The last event of an incident
 * stands for all of its packets and has none of them; nor has one about the host itself. */
bool weir_event_has_packet(const struct weir_event *ev);

/* "TCP", "IPv6-ICMP": IANA's keywords, as Suricata writes them; else the number. */
const char *weir_proto_name(unsigned proto, char text[WEIR_PROTO_TEXT]);

/* "SA" for SYN and ACK, in the order FSRPAUEC of tcpdump and nmap. */
const char *weir_tcp_letters(unsigned flags, char text[WEIR_TCP_LETTERS]);

/* Take the first name off a comma-separated list. false at its end. */
bool weir_evidence_next(const char **list, char name[WEIR_EVIDENCE_NAME]);

/* Name of the first row of also[] at or after *row, which moves behind it; NULL without one. */
const char *weir_also_next(const struct weir_event *ev, unsigned *row);
