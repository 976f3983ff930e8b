/* Stand-in for the C library's header: ONNX Runtime's header takes nothing else from it. */
#pragma once
#include <stddef.h>
