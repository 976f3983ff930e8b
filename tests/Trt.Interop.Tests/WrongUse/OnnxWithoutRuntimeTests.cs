using System.Reflection;
using Xunit;

namespace Trt.Interop.Tests.WrongUse;

/// <summary>What needs ONNX Runtime, in a process that registers no runtime, as this one does not.</summary>
public class OnnxWithoutRuntimeTests
{
    [Fact]
    public void What_to_register_is_said()
    {
        Assert.Contains("CpuRuntime.Register()", Assert.Throws<TensorRtNotFoundException>(() => TensorRt.OpenOnnx(new byte[] { 1 })).Message, StringComparison.Ordinal);
        Assert.Contains("CpuRuntime.Register()", Assert.Throws<TensorRtNotFoundException>(() => TensorRt.OpenOnnx("model.onnx")).Message, StringComparison.Ordinal);
        INetworkDefinition network = DispatchProxy.Create<INetworkDefinition, MixedLibraryTests.Unasked>();
        Assert.Contains("CpuRuntime.Register()", Assert.Throws<TensorRtNotFoundException>(() => TensorRt.ExportOnnx(network, "model.onnx")).Message, StringComparison.Ordinal);
    }

    /// <summary>Runtimes that were written before these members came refuse them by name.</summary>
    [Fact]
    public void A_runtime_without_ONNX_says_so()
    {
        IRuntimeProvider runtime = new OldRuntime();
        Assert.Contains("7.8.9", Assert.Throws<NotSupportedException>(() => runtime.OpenOnnx([], new OnnxSessionOptions())).Message, StringComparison.Ordinal);
        Assert.Contains("7.8.9", Assert.Throws<NotSupportedException>(() => runtime.ExportOnnx(null!, "model.onnx")).Message, StringComparison.Ordinal);
    }

    private sealed class OldRuntime : IRuntimeProvider
    {
        public Version Version => new(7, 8, 9);

        public IPluginRegistry PluginRegistry => throw new NotSupportedException();

        public IBuilder CreateInferBuilder(ILogger logger) => throw new NotSupportedException();

        public IRuntime CreateInferRuntime(ILogger logger) => throw new NotSupportedException();

        public IRefitter CreateInferRefitter(ICudaEngine engine, ILogger logger) => throw new NotSupportedException();

        public NvOnnxParser.IParser CreateParser(INetworkDefinition network, ILogger logger) => throw new NotSupportedException();

        public NvOnnxParser.IParserRefitter CreateParserRefitter(IRefitter refitter, ILogger logger) => throw new NotSupportedException();

        public bool Supports(string member) => false;
    }
}
