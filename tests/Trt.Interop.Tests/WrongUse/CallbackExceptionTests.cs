using Trt.Interop.Tests.Libraries;
using Xunit;

namespace Trt.Interop.Tests.WrongUse;

/// <summary>What a callback throws does not cross native frames: it is the inner exception of the call around it.</summary>
[Collection(RtxCollection.Name)]
public sealed class CallbackExceptionTests
{
    private static readonly InvalidOperationException Thrown = new("thrown on purpose");

    [SkippableTheory]
    [InlineData("start")]
    [InlineData("step")]
    [InlineData("finish")]
    public void Progress_monitor(string when)
    {
        using SmallNetwork small = new(BuilderLibrary.Load());
        ThrowingMonitor monitor = new(when);
        small.Config.ProgressMonitor = monitor;

        TensorRtException exception = Assert.Throws<TensorRtException>(() => small.Build());

        Assert.Same(Thrown, TestTarget.Thrown(exception));
        Assert.Equal("IBuilder::buildSerializedNetwork", exception.Method);
        Assert.Contains("a callback threw InvalidOperationException (thrown on purpose)", exception.Message, StringComparison.Ordinal);
        if (when == "step")
        {
            // A step that throws answers false, which cancels.
            Assert.Contains("Build canceled by user", exception.Message, StringComparison.Ordinal);
        }

        small.Config.ProgressMonitor = null;
        Assert.True(small.Build() > 0);
    }

    [SkippableFact]
    public void Logger()
    {
        ThrowingLogger logger = new();
        using SmallNetwork small = new(BuilderLibrary.Load(), logger);
        logger.Armed = true;

        TensorRtException exception = Assert.Throws<TensorRtException>(() => small.Build());

        Assert.Same(Thrown, TestTarget.Thrown(exception));
        logger.Armed = false;
        Assert.True(small.Build() > 0);
    }

    [SkippableFact]
    public void Logger_during_the_factory()
    {
        ThrowingLogger logger = new() { Armed = true };
        TensorRtLibrary library = BuilderLibrary.Load();

        // The first builder of a process logs; a later one may be silent, and is then simply made.
        Exception? exception = Record.Exception(() => library.CreateInferBuilder(logger).Dispose());

        Assert.True(exception is null || (exception is TensorRtException && ReferenceEquals(TestTarget.Thrown(exception), Thrown)), exception?.ToString());
    }

    [SkippableFact]
    public void Error_recorder()
    {
        using SmallNetwork small = new(BuilderLibrary.Load());
        ThrowingRecorder recorder = new();
        small.Builder.ErrorRecorder = recorder;
        using INetworkDefinition network = small.Builder.CreateNetworkV2(BuilderLibrary.Flags(small.Library));
        recorder.Armed = true;

        TensorRtException exception = Assert.Throws<TensorRtException>(() => network.AddInput("x", DataType.Float, [-2]));

        Assert.Same(Thrown, TestTarget.Thrown(exception));
        Assert.Contains("isValidDims", exception.Message, StringComparison.Ordinal);
        recorder.Armed = false;
        Assert.Equal("x", network.AddInput("x", DataType.Float, [2]).Name);
    }

    [SkippableFact]
    public void Stream_writer()
    {
        using SmallNetwork small = new(BuilderLibrary.Load());

        TensorRtException exception = Assert.Throws<TensorRtException>(() => small.Builder.BuildSerializedNetworkToStream(small.Network, small.Config, new ThrowingWriter()));

        Assert.Same(Thrown, TestTarget.Thrown(exception));
        Assert.True(small.Build() > 0);
    }

    [SkippableFact]
    public void Plugin_creator()
    {
        TensorRtLibrary library = BuilderLibrary.Load();
        ThrowingCreator creator = new();

        TensorRtException exception = Assert.Throws<TensorRtException>(() => library.PluginRegistry.RegisterCreator(creator, string.Empty));

        Assert.Same(Thrown, TestTarget.Thrown(exception));
        creator.Armed = false;
        library.PluginRegistry.DeregisterCreator(creator);
        using SmallNetwork small = new(library);
        Assert.True(small.Build() > 0);
    }

    private sealed class ThrowingMonitor(string when) : IProgressMonitor
    {
        public void PhaseStart(string phaseName, string? parentPhase, int nbSteps) => ThrowAt("start");

        public bool StepComplete(string phaseName, int step)
        {
            ThrowAt("step");
            return true;
        }

        public void PhaseFinish(string phaseName) => ThrowAt("finish");

        private void ThrowAt(string now)
        {
            if (now == when)
            {
                throw Thrown;
            }
        }
    }

    private sealed class ThrowingLogger : ILogger
    {
        public bool Armed { get; set; }

        public void Log(Severity severity, string msg)
        {
            if (Armed)
            {
                throw Thrown;
            }
        }
    }

    private sealed class ThrowingRecorder : ErrorRecorder
    {
        public bool Armed { get; set; }

        public override bool ReportError(ErrorCode val, string desc) => Armed ? throw Thrown : base.ReportError(val, desc);
    }

    private sealed class ThrowingWriter : IStreamWriter
    {
        public long Write(ReadOnlySpan<byte> data) => throw Thrown;
    }

    private sealed class ThrowingCreator : IPluginCreatorV3One
    {
        public bool Armed { get; set; } = true;

        public PluginFieldCollection? FieldNames => new([]);

        public string PluginName => Armed ? throw Thrown : "Throwing";

        public string PluginVersion => "1";

        public string PluginNamespace => string.Empty;

        public IPluginV3? CreatePlugin(string name, PluginFieldCollection fc, TensorRTPhase phase) => throw Thrown;
    }
}
