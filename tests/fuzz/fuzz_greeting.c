/* SPDX-License-Identifier: Apache-2.0 */

/* What a direction begins with. First byte: direction and port; second: how the rest is cut. The
 * end must not depend on the cutting, and no byte may take back what was said before. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/greeting.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const __u16 ports[] = { 443, 80, 22, 25, 9000 };
    struct weir_greeting whole = { 0 }, cut = { 0 };
    __u8 expected, faults = 0, sure = 0;
    bool to_client;

    if (size < 2)
        return 0;
    to_client = data[0] & 1;
    expected = weir_port_expects(ports[(data[0] >> 1) % 5]);
    weir_greeting_feed(&whole, to_client, data + 2, (__u32)size - 2);
    for (size_t at = 2, turn = 0; at < size; turn++) {
        size_t take = 1 + (data[1] >> turn % 8 & 7);

        if (take > size - at)
            take = size - at;
        weir_greeting_feed(&cut, to_client, data + at, (__u32)take);
        if (faults & ~weir_greeting_faults(&cut, to_client, expected) || sure & ~cut.sure)
            abort();
        faults = weir_greeting_faults(&cut, to_client, expected);
        sure = cut.sure;
        at += take;
    }
    if (memcmp(&whole, &cut, sizeof(whole)) || whole.at > WEIR_GREETING_BYTES ||
        whole.over & ~whole.sure || whole.maybe & ~WEIR_PROTO_ALL)
        abort();
    return 0;
}
