/* SPDX-License-Identifier: Apache-2.0 */

/* Stands in for libFuzzer: runs the target once on every file of the folders named. A folder may
 * be missing (a surface without a fixed crash has no regression/), but some input there must be. */

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_BYTES_MAX (16 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *exact = NULL;
    long size;

    if (!file)
        return -errno;
    if (fseek(file, 0, SEEK_END) || (size = ftell(file)) < 0 || size > INPUT_BYTES_MAX) {
        fclose(file);
        return -EFBIG;
    }
    rewind(file);
    /* A block of the input's size: reading behind it is an error AddressSanitizer sees. */
    exact = malloc((size_t)size);
    if ((!exact && size) || fread(exact, 1, (size_t)size, file) != (size_t)size) {
        free(exact);
        fclose(file);
        return -EIO;
    }
    fclose(file);
    LLVMFuzzerTestOneInput(exact, (size_t)size);
    free(exact);
    return 0;
}

static long run_folder(const char *folder)
{
    struct dirent **names;
    int n = scandir(folder, &names, NULL, alphasort);
    long ran = 0;

    if (n < 0)
        return errno == ENOENT ? 0 : -errno;
    for (int i = 0; i < n; i++) {
        char path[4096];
        int r = 0;

        snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
        if (names[i]->d_name[0] != '.' && ran >= 0)
            r = run_file(path);
        if (r < 0) {
            fprintf(stderr, "%s: %s\n", path, strerror(-r));
            ran = r;
        } else if (names[i]->d_name[0] != '.' && ran >= 0) {
            ran++;
        }
        free(names[i]);
    }
    free(names);
    return ran;
}

int main(int argc, char **argv)
{
    long all = 0;

    for (int i = 1; i < argc; i++) {
        long ran = run_folder(argv[i]);

        if (ran < 0) {
            fprintf(stderr, "%s: %s\n", argv[i], strerror((int)-ran));
            return 1;
        }
        all += ran;
    }
    printf("%ld inputs\n", all);
    if (!all)
        fprintf(stderr, "no input found: every surface has a seed under tests/fuzz/corpus/\n");
    return all ? 0 : 1;
}
