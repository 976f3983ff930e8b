using Trt.Interop;
using Trt.Utils;

namespace Trt.Lite;

/// <summary>Finds the library that an engine is to run on.</summary>
internal static class RuntimeChoice
{
    /// <exception cref="TensorRtNotFoundException">There is none such; the message says what was searched and what to do.</exception>
    public static TensorRtLibrary Load(EngineOptions options, PlanHead? plan)
    {
        if (options.Library is { } given)
        {
            return given;
        }

        Flavour? wanted = options.Runtime switch
        {
            RuntimeKind.TensorRT => Flavour.TensorRT,
            RuntimeKind.Rtx => Flavour.TensorRTRtx,
            RuntimeKind.Cpu => Flavour.Cpu,
            _ => plan?.Format switch { PlanFormat.Cpu => Flavour.Cpu, PlanFormat.TensorRTRtx => Flavour.TensorRTRtx, _ => null },
        };
        return TensorRt.Load(new TensorRtOptions
        {
            LibraryPath = wanted == Flavour.Cpu ? null : options.LibraryPath,
            Flavour = options.LibraryPath is null || wanted == Flavour.Cpu ? wanted : null,
            Log = (severity, text) => (options.Logger ?? Quiet(options)).Log(severity, text),
        });
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
}
