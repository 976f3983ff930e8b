using Trt.GpuTests.Suite;
using Trt.Interop.Tests.Rtx;
using Trt.Interop.Tests.WrongUse;

namespace Trt.GpuTests;

/// <summary>The suite's tests of TensorRT-RTX, whose builder needs no GPU: each network and model against what the library answered a caller that shares nothing with the bindings.</summary>
internal static class RtxChecks
{
    private static readonly SuiteClass[] Classes =
    [
        .. new[] { typeof(LayerGoldenTests), typeof(ParserGoldenTests), typeof(LeNetTests), typeof(PluginTests), typeof(ErrorRecorderTests), typeof(ProgressMonitorTests), typeof(StreamWriterTests) }
            .Select(type => new SuiteClass(type, "it is about another flavour", "*")),
        .. UtilsClasses.Rtx,
        .. new[] { typeof(CallbackExceptionTests), typeof(DisposeTests), typeof(IdentityTests), typeof(NullArgumentTests), typeof(StringTests) }.Select(type => new SuiteClass(type, "it is about another flavour", "*")),
    ];

    public static void Run(PartContext run)
    {
        // Where the tests look for the library, which they load through a folder of links.
        Environment.SetEnvironmentVariable("TRT_RTX_LIBRARY_DIR", Path.GetDirectoryName(run.Found!.Path));
        new SuiteRun(run).Run(Classes);
    }
}
