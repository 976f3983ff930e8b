using Trt.Interop;
using Trt.Interop.NvOnnxParser;

namespace Trt.Utils.Tests.Processes;

/// <summary>Children that check an installation of their own.</summary>
internal static class HealthChildren
{
    /// <summary>Prints the report as JSON.</summary>
    /// <param name="runtime"><c>none</c>: no CPU runtime is registered; <c>broken</c>: one of which everything throws.</param>
    public static int Check(string runtime)
    {
        if (runtime == "broken")
        {
            TensorRt.Register(new BrokenRuntime());
        }

        ChildProgram.Tell(TensorRtHealth.Check().ToJson());
        return 0;
    }

    private sealed class BrokenRuntime : IRuntimeProvider
    {
        public Version Version => new(0, 0, 1);

        public IPluginRegistry PluginRegistry => throw new InvalidOperationException("no registry");

        public IBuilder CreateInferBuilder(ILogger logger) => throw new OutOfMemoryException("no builder");

        public IRuntime CreateInferRuntime(ILogger logger) => throw new InvalidOperationException("no runtime");

        public IRefitter CreateInferRefitter(ICudaEngine engine, ILogger logger) => throw new InvalidOperationException("no refitter");

        public IParser CreateParser(INetworkDefinition network, ILogger logger) => throw new InvalidOperationException("no parser");

        public IParserRefitter CreateParserRefitter(IRefitter refitter, ILogger logger) => throw new InvalidOperationException("no parser refitter");

        public bool Supports(string member) => throw new InvalidOperationException("no answer");
    }
}
