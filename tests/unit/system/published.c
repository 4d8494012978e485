#define _POSIX_C_SOURCE 200809L
#include "published.h"

#include <check.h>
#include <glob.h>
#include <string.h>

#include "../../environment.h"

static unsigned met; /* tests so far */

static unsigned every(void)
{
    return (unsigned)from_environment("SMREF_PUBLISHED_EVERY", 1);
}

static unsigned each_of_file(const char *path, published_check *check)
{
    smref_jerror error = {""};
    smref_vectors vectors;
    smref_jdoc doc;
    unsigned count = 0;
    ck_assert_msg(smref_jdoc_load(&doc, path, &error), "%s", error.text);
    if (smref_vectors_read(&doc, &vectors, &error)) { /* or it is a snapshot */
        for (size_t g = 0; g < vectors.group_count; g++) {
            smref_group *group = &vectors.groups[g];
            for (size_t i = 0; i < group->test_count; i++)
                if (met++ % every() == 0)
                    count += check(&doc, &vectors, group, &group->tests[i]);
        }
        smref_vectors_free(&vectors);
    }
    smref_jdoc_close(&doc);
    return count;
}

unsigned published_each(published_check *check)
{
    unsigned count = 0;
    glob_t found;
    ck_assert_int_eq(glob("vectors/*.json", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        if (!strstr(found.gl_pathv[i], "linux"))
            count += each_of_file(found.gl_pathv[i], check);
    globfree(&found);
    return count;
}

unsigned published_share(unsigned all)
{
    return every() == 1 ? all : all / every() / 2;
}
