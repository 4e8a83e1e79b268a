/* SPDX-License-Identifier: Apache-2.0 */

/* Every Ethernet capture of the corpus through both hosts of the core ($WEIR_CORPUS). */

#include <dirent.h>
#include <ftw.h>
#include <pcap/pcap.h>

#include "prog/differential.h"

static struct differential diff;
static unsigned files, other_links, unreadable;

static void feed(pcap_t *pcap, const char *path)
{
    struct pcap_pkthdr *h;
    const u_char *b;
    char name[1024];

    for (unsigned n = 1; pcap_next_ex(pcap, &h, &b) == 1; n++) {
        (void)snprintf(name, sizeof(name), "%s #%u", path, n);
        differential_frame(&diff, name, b, h->caplen, h->len);
    }
}

static int on_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    char why[PCAP_ERRBUF_SIZE];
    const char *dot = strrchr(path + ftw->base, '.');
    pcap_t *pcap;

    (void)st;
    if (type != FTW_F || !dot || strncmp(dot, ".pcap", 5) != 0)
        return 0;
    pcap = pcap_open_offline(path, why);
    if (!pcap) {
        unreadable++; /* damaged on purpose: replay's own tests are about these */
        return 0;
    }
    if (pcap_datalink(pcap) == DLT_EN10MB) {
        files++;
        feed(pcap, path);
    } else {
        other_links++; /* no link layer that an XDP program is given */
    }
    pcap_close(pcap);
    return 0;
}

static void hosts_agree_on_corpus(void **state)
{
    const char *corpus = *state;

    differential_open(&diff);
    assert_int_equal(nftw(corpus, on_file, 16, FTW_PHYS), 0);
    fprintf(stderr, "%u captures; not fed: %u of other link types, %u unreadable\n", files,
            other_links, unreadable);
    differential_report(&diff);
    differential_close(&diff);
    assert_true(files > 0);
    assert_int_equal(diff.different, 0);
}

int main(void)
{
    char *corpus = getenv("WEIR_CORPUS");
    const char *require = getenv("WEIR_REQUIRE_CORPUS");
    const struct CMUnitTest tests[] = { cmocka_unit_test_prestate(hosts_agree_on_corpus, corpus) };
    int r = privileged_or_skip();

    if (r)
        return r;
    if (!corpus || access(corpus, R_OK)) {
        fprintf(stderr, "no corpus: set WEIR_CORPUS\n");
        return require && strcmp(require, "1") == 0 ? 1 : SKIP;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
