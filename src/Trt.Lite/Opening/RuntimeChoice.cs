using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Utils;

namespace Trt.Lite;

/// <summary>Finds the library that an engine is to run on.</summary>
internal static class RuntimeChoice
{
    /// <summary>The library.</summary>
    /// <param name="options">What is wanted.</param>
    /// <param name="plan">The head of the plan that is to run; null: something is to be built.</param>
    /// <exception cref="TensorRtNotFoundException">There is none such; the message says what to do, and its inner exception what was searched.</exception>
    /// <exception cref="PlatformNotSupportedException">There is, but no GPU.</exception>
    /// <exception cref="ArgumentException">The library is another one than is wanted.</exception>
    public static TensorRtLibrary Load(EngineOptions options, PlanHead? plan)
    {
        if (options.Library is { } given)
        {
            return given;
        }

        TensorRtLibrary library = Find(options, plan);
        if (library.Flavour == Flavour.Cpu || CudaDriver.IsAvailable(out string reason))
        {
            return library;
        }

        if (options.Runtime == RuntimeKind.Auto && options.LibraryPath is null && plan is null && TryLoadCpu(options) is { } cpu)
        {
            return cpu;
        }

        if (plan?.FitFor(library).Verdict == PlanVerdict.Refused)
        {
            return library; // loading the plan says more
        }

        throw new PlatformNotSupportedException($"{library} runs engines on a GPU, but there is none here. {reason.Replace(", or use Device.Host", string.Empty, StringComparison.Ordinal)} Or run on the CPU: reference Trt.Cpu, call CpuRuntime.Register() and set EngineOptions.Runtime to Cpu.");
    }

    /// <summary>What hears the library: messages of the wanted severity and worse.</summary>
    public static ILogger Quiet(EngineOptions options) => options.Logger is { } logger
        ? new DelegateLogger((severity, text) =>
        {
            if (severity <= options.LoggerSeverity)
            {
                logger.Log(severity, text);
            }
        })
        : new ConsoleLogger(options.LoggerSeverity);

    private static TensorRtLibrary Find(EngineOptions options, PlanHead? plan)
    {
        Flavour? wanted = options.Runtime switch
        {
            RuntimeKind.TensorRT => Flavour.TensorRT,
            RuntimeKind.Rtx => Flavour.TensorRTRtx,
            RuntimeKind.Cpu => Flavour.Cpu,
            _ => plan?.Format switch { PlanFormat.Cpu => Flavour.Cpu, PlanFormat.TensorRTRtx => Flavour.TensorRTRtx, _ => null },
        };
        try
        {
            TensorRtLibrary library = Load(options, wanted);
            bool isWanted = options.Runtime == RuntimeKind.Auto || (wanted == Flavour.TensorRT ? library.Flavour is Flavour.TensorRT or Flavour.LeanRuntime or Flavour.DispatchRuntime : library.Flavour == wanted);
            return isWanted ? library : throw new ArgumentException($"EngineOptions.Runtime is {options.Runtime}, but {options.LibraryPath} is {library}: change one of them.");
        }
        catch (TensorRtNotFoundException error)
        {
            string product = wanted switch { Flavour.Cpu => "the CPU runtime", Flavour.TensorRTRtx => "TensorRT-RTX", _ => "TensorRT" };
            string message = wanted == Flavour.Cpu ? "The CPU runtime is not registered: reference the package Trt.Cpu and call CpuRuntime.Register() first."
                : error.Found.Count > 0 ? $"The library of {product} cannot be used: {string.Join("; ", error.Found)}."
                : $"{product} is not installed in any of the usual places: install it, name its file or folder with EngineOptions.LibraryPath or TRT_LIBRARY, or run on the CPU (reference Trt.Cpu, call CpuRuntime.Register(){(wanted is null ? string.Empty : " and set EngineOptions.Runtime to Cpu")}).";
            throw new TensorRtNotFoundException(message, error);
        }
    }

    private static TensorRtLibrary? TryLoadCpu(EngineOptions options)
    {
        try
        {
            return Load(options, Flavour.Cpu);
        }
        catch (TensorRtNotFoundException)
        {
            return null;
        }
    }

    private static TensorRtLibrary Load(EngineOptions options, Flavour? wanted) => TensorRt.Load(new TensorRtOptions
    {
        LibraryPath = wanted == Flavour.Cpu ? null : options.LibraryPath,
        Flavour = options.LibraryPath is null || wanted == Flavour.Cpu ? wanted : null,
        Log = (severity, text) => (options.Logger ?? Quiet(options)).Log(severity, text),
    });
}
