/* Executes dlopen and dlclose as its arguments say: FLAGS PATH opens, "-" PATH closes the last
   handle of PATH. One line per operation: "ok", or "error" and dlerror's text. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int count, char **words)
{
    void **handles = calloc(count + 1, sizeof *handles);
    setvbuf(stdout, NULL, _IONBF, 0);
    for (int i = 1; i + 1 < count; i += 2) {
        int last;
        if (strcmp(words[i], "-")) {
            handles[i] = dlopen(words[i + 1], atoi(words[i]));
            if (!handles[i]) {
                const char *text = dlerror();
                printf("error %s\n", text ? text : "");
                continue;
            }
        } else {
            for (last = i - 2; last > 0; last -= 2)
                if (handles[last] && !strcmp(words[last + 1], words[i + 1]))
                    break;
            if (last > 0 && dlclose(handles[last])) {
                printf("error %s\n", dlerror());
                continue;
            }
            if (last > 0)
                handles[last] = NULL;
        }
        puts("ok");
    }
    return 0;
}
