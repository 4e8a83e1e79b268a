/* SPDX-License-Identifier: Apache-2.0 */

/* What it takes to load: verifier effort by compiler, capabilities, and errors that say enough. */

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <glob.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "prog/host.h"

/* Of a million; a fifth leaves room for kernels whose verifier is less patient. */
#define VERIFIED_MAX 400000 /* of the million that kernels allow */
#define NOBODY 65534

static int silent(enum libbpf_print_level level, const char *format, va_list args)
{
    (void)level;
    (void)format;
    (void)args;
    return 0;
}

static void check_program(const char *object, struct bpf_program *program)
{
    struct bpf_prog_info info = { 0 };
    __u32 len = sizeof(info);

    assert_int_equal(bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &len), 0);
    fprintf(stderr, "%s %s: %u instructions, %u processed\n", object, bpf_program__name(program),
            info.xlated_prog_len / 8, info.verified_insns);
    assert_in_range(info.verified_insns, 1, VERIFIED_MAX);
}

static void check_object(const char *path)
{
    struct bpf_object *object = bpf_object__open_file(path, NULL);
    const char *name = strrchr(path, '/') + 1;
    struct bpf_program *program;

    assert_non_null(object);
    if (bpf_object__load(object))
        fail_msg("%s does not load: %s", path, strerror(errno));
    bpf_object__for_each_program(program, object) check_program(name, program);
    bpf_object__close(object);
}

/* Objects of all compilers lie in the build folder, beside the tests. */
static void every_compiler_stays_below_the_ceiling(void **state)
{
    char self[1024], pattern[1200];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    glob_t found;

    (void)state;
    assert_true(n > 0);
    self[n] = '\0';
    *strrchr(self, '/') = '\0';
    (void)snprintf(pattern, sizeof(pattern), "%s/../src/bpf/compilers/*.bpf.o", self);
    libbpf_set_print(silent);
    if (glob(pattern, 0, NULL, &found)) {
        fprintf(stderr, "no object at %s\n", pattern);
        skip();
    }
    for (size_t i = 0; i < found.gl_pathc; i++)
        check_object(found.gl_pathv[i]);
    globfree(&found);
}

static void keep_only(uint64_t caps)
{
    struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[2] = { 0 };

    for (int i = 0; i < 2; i++)
        data[i].effective = data[i].permitted = (__u32)(caps >> (32 * i));
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) || setgid(NOBODY) || setuid(NOBODY) ||
        syscall(SYS_capset, &head, data) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        _exit(3);
}

/* Exit code of a child that is nobody, with these capabilities: 0 when it can load and judge. */
static int load_as_nobody(uint64_t caps)
{
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        struct weir_loader_config c = test_config();
        struct weir_loader *l = NULL;
        struct weir_error e = { 0 };
        __u8 frame[60] = { 0 };
        uint32_t verdict;
        int r;

        keep_only(caps);
        r = weir_loader_new(&c, &l, &e);
        if (r == 0)
            r = weir_loader_test_run(l, WEIR_HOOK_XDP, frame, sizeof(frame), &verdict);
        if (r < 0)
            fprintf(stderr, "as nobody: %s\n", e.text);
        _exit(r < 0 ? 1 : 0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void three_capabilities_suffice(void **state)
{
    const uint64_t three = 1ULL << CAP_BPF | 1ULL << CAP_NET_ADMIN | 1ULL << CAP_PERFMON;

    (void)state;
    if (geteuid())
        skip();
    assert_int_equal(load_as_nobody(three), 0);
    assert_int_equal(load_as_nobody(1ULL << CAP_NET_ADMIN), 1);
}

static void configuration_is_checked(void **state)
{
    struct weir_loader_config c = test_config();
    struct weir_loader *l = NULL;
    struct weir_error e = { 0 };

    (void)state;
    c.checksum_every = 3;
    assert_int_equal(weir_loader_new(&c, &l, &e), -EINVAL);
    assert_non_null(strstr(e.text, "1 in 3"));
    c = test_config();
    c.ring_high = 5000;
    e.text[0] = '\0';
    assert_int_equal(weir_loader_new(&c, &l, &e), -EINVAL);
    assert_non_null(strstr(e.text, "5000"));
    assert_null(l);
}

/* A row that is off is no instruction of the program: a policy cannot bring it back. */
static void rows_left_out_stay_out(void **state)
{
    struct weir_loader_config c = test_config();
    struct weir_policy policy;
    struct weir_loader *l;

    (void)state;
    c.judged[0] = c.judged[1] = 0;
    l = load_with(&c);
    weir_policy_default(&policy, WEIR_MODE_ENFORCE);
    assert_int_equal(weir_loader_policy_write(l, &policy, NULL), -ENOTSUP);
    assert_false(run_packet(l, WEIR_HOOK_XDP, PACKET(.tcp = { .flags = NO_FLAGS })));
    assert_int_equal(read_counters(l, WEIR_HOOK_XDP).found[WEIR_ROW_SCAN_NULL], 0);
    weir_loader_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_compiler_stays_below_the_ceiling),
        cmocka_unit_test(three_capabilities_suffice),
        cmocka_unit_test(configuration_is_checked),
        cmocka_unit_test(rows_left_out_stay_out),
    };
    int r = privileged_or_skip();

    return r ? r : cmocka_run_group_tests(tests, NULL, NULL);
}
