/* SPDX-License-Identifier: ISC */
/*
 * session: the token of who signed in with `provost login', in a file of mode
 * 0600: $XDG_RUNTIME_DIR/provost-session, or ~/.config/provost/session. Its
 * first line is the token, its second the URL that it is for; it is sent to no
 * other.
 */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <stdbool.h>

struct arena;

/* false: nobody is signed in at this URL. */
bool session_token(struct arena *a, const char *url, const char **token);

#endif
