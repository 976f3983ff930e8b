// Stand-in for CUDA's header: the two handles that TensorRT's signatures name.
#pragma once
typedef struct CUstream_st* cudaStream_t;
typedef struct CUevent_st* cudaEvent_t;
