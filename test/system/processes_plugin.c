#include "processes.h"
const struct kind kind_plugin = { .name = "plugin" };
