namespace Trt.Interop;

/// <content>Each kind of calibrator names its algorithm, so that implementations need not.</content>
public partial interface IInt8EntropyCalibrator
{
    CalibrationAlgoType IInt8Calibrator.Algorithm => CalibrationAlgoType.EntropyCalibration;
}

/// <content>The second entropy algorithm.</content>
public partial interface IInt8EntropyCalibrator2
{
    CalibrationAlgoType IInt8Calibrator.Algorithm => CalibrationAlgoType.EntropyCalibration2;
}

/// <content>The algorithm that takes the whole range.</content>
public partial interface IInt8MinMaxCalibrator
{
    CalibrationAlgoType IInt8Calibrator.Algorithm => CalibrationAlgoType.MinmaxCalibration;
}

/// <content>The first algorithm, with quantile and cutoff.</content>
public partial interface IInt8LegacyCalibrator
{
    CalibrationAlgoType IInt8Calibrator.Algorithm => CalibrationAlgoType.LegacyCalibration;
}

/// <content>An allocator that orders its work on streams serves synchronous calls on the default stream.</content>
public partial interface IGpuAsyncAllocator
{
    nint IGpuAllocator.Allocate(ulong size, ulong alignment, uint flags) => AllocateAsync(size, alignment, flags, 0);

    bool IGpuAllocator.Deallocate(nint memory) => DeallocateAsync(memory, 0);
}
