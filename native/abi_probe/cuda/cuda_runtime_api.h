// The two names that TensorRT's headers need of CUDA; no CUDA has to be installed to ask for slots.
#pragma once
typedef struct CUstream_st* cudaStream_t;
typedef struct CUevent_st* cudaEvent_t;
