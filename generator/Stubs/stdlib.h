/* Stand-in for the C library's header: ONNX Runtime's header takes the integer types from it. */
#pragma once
#include <stddef.h>
