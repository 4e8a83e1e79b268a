/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"
#include "harness/talk.h"

TALK_TEST("scan.idle_zombie")
