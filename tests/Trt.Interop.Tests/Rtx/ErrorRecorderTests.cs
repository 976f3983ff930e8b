using Trt.Interop.Tests.Libraries;
using Trt.Tests.Goldens;
using Xunit;

namespace Trt.Interop.Tests.Rtx;

/// <summary>An error recorder in C#: it gets the errors, the logger does not, and exceptions keep their words.</summary>
[Collection(RtxCollection.Name)]
public sealed class ErrorRecorderTests
{
    [SkippableFact]
    public void Recorder_gets_the_errors_of_a_build_and_the_exception_says_them()
    {
        TensorRtLibrary library = RtxLibrary.LoadGoldenRelease();
        CountingRecorder recorder = new();
        CollectingLogger logger = new();
        using IBuilder builder = library.CreateInferBuilder(logger);
        builder.ErrorRecorder = recorder;
        Assert.Same(recorder, builder.ErrorRecorder);
        Assert.Equal(1, recorder.References);
        using INetworkDefinition network = builder.CreateNetworkV2([NetworkDefinitionCreationFlag.StronglyTyped]);
        Assert.Same(recorder, network.ErrorRecorder);
        Assert.Equal(2, recorder.References);
        using IBuilderConfig config = builder.CreateBuilderConfig();
        RtxLibrary.Target(config);
        ITensor input = network.AddInput("x", DataType.Float, [1, 3, 8, 8]);
        ILayer wrong = network.AddConvolutionNd(input, 3, [3, 3], Weights.From(new float[80]), Weights.Empty());
        network.MarkOutput(wrong.GetOutput(0));

        TensorRtException exception = Assert.Throws<TensorRtException>(() => builder.BuildSerializedNetwork(network, config));

        string[] golden = [.. CallbackGoldens.Facts("error_recorder").GetProperty("failed_build").GetProperty("recorded").EnumerateArray()
            .Select(error => $"{CaseValues.Bare(error[0].GetString()!)} {error[1].GetString()}").Where(error => !error.Contains("catchCudaError", StringComparison.Ordinal))];
        string[] recorded = [.. recorder.Errors.Select(error => $"{CaseValues.Bare(error.Code.ToString())} {error.Description}").Where(error => !error.Contains("catchCudaError", StringComparison.Ordinal))];
        Assert.Equal(golden, recorded);
        Assert.Contains("count of 80 weights in kernel", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(logger.Errors, line => line.Contains("80 weights", StringComparison.Ordinal));
    }

    [SkippableFact]
    public void Recorder_is_let_go_by_each_of_its_holders()
    {
        TensorRtLibrary library = RtxLibrary.Load();
        CountingRecorder recorder = new();
        IBuilder builder = library.CreateInferBuilder(new CollectingLogger());
        builder.ErrorRecorder = recorder;
        INetworkDefinition network = builder.CreateNetworkV2([NetworkDefinitionCreationFlag.StronglyTyped]);
        Assert.Equal(2, recorder.References);

        builder.ErrorRecorder = null;
        Assert.Equal(1, recorder.References);
        Assert.Null(builder.ErrorRecorder);
        Assert.Same(recorder, network.ErrorRecorder);

        network.Dispose();
        Assert.Equal(0, recorder.References);
        builder.Dispose();
    }

    private sealed class CountingRecorder : IErrorRecorder
    {
        private readonly ErrorRecorder inner = new();
        private int references;

        public int References => references;

        public IReadOnlyList<(ErrorCode Code, string Description)> Errors => inner.Errors;

        public int NbErrors => inner.NbErrors;

        public ErrorCode GetErrorCode(int errorIdx) => inner.GetErrorCode(errorIdx);

        public string GetErrorDesc(int errorIdx) => inner.GetErrorDesc(errorIdx);

        public bool HasOverflowed() => false;

        public void Clear() => inner.Clear();

        public bool ReportError(ErrorCode val, string desc) => inner.ReportError(val, desc);

        public int IncRefCount() => Interlocked.Increment(ref references);

        public int DecRefCount() => Interlocked.Decrement(ref references);
    }
}
