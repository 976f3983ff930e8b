using Trt.Interop;

namespace Trt.GpuTests;

/// <summary>Where a subject's plans come from, and how a runtime is made that takes them.</summary>
internal interface IPlanSource
{
    /// <summary>Whether managed callbacks may be given to engines of these plans.</summary>
    bool TakesCallbacks { get; }

    /// <summary>LeNet: <c>data</c> [1–32, 1, 28, 28] → <c>prob</c> [N, 10].</summary>
    byte[] LeNet { get; }

    /// <summary>The same with a second profile for 1 to 20 digits.</summary>
    /// <exception cref="MissingException">There is none.</exception>
    byte[] TwoProfiles { get; }

    /// <summary><c>x</c> [1–4, 8] → <c>indices</c> [2, ?] of what is not zero, and <c>neg</c> = −x.</summary>
    /// <exception cref="MissingException">There is none.</exception>
    byte[] NonZero { get; }

    /// <summary>What LeNet gives for 20 digits (0) or the first alone (1), and how much it may differ; 0: not in a bit.</summary>
    (float[] Values, float Tolerance) LeNetAnswers(int set);

    /// <summary>A runtime that takes the plans.</summary>
    IRuntime CreateRuntime(TensorRtLibrary library, ILogger logger);
}
