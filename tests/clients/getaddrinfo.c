/* Addresses of a name as the C library gives them, one a line in its order, or why there are none.
 * cc getaddrinfo.c, or musl-gcc -static getaddrinfo.c */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>

int main(int argc, char **argv) {
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found;
    char text[INET6_ADDRSTRLEN];
    int problem = argc < 2 ? EAI_NONAME : getaddrinfo(argv[1], NULL, &hints, &found);

    if (problem) {
        fprintf(stderr, "%s\n", gai_strerror(problem));
        return 1;
    }
    for (; found; found = found->ai_next) {
        if (!getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST))
            puts(text);
    }
    return 0;
}
