/* The program of the image hello-world: says what just happened, in Drydock's own words. */
#include <unistd.h>

static const char text[] =
    "\n"
    "Hello from Docker!\n"
    "You see this because the engine in this tab did its work:\n"
    " 1. The docker command (the client) asked the docker daemon to run the image \"hello-world\".\n"
    " 2. The daemon found the image in its store and made a container from it.\n"
    " 3. The container ran one program, which printed this text.\n"
    " 4. The daemon sent the text to the client, and the client sent it to your terminal.\n"
    "\n"
    "Try something larger:\n"
    " $ docker run -it debian:13-slim bash\n"
    "\n";

int main(void) { return write(1, text, sizeof text - 1) < 0; }
