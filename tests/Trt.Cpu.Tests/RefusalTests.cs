using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests;

/// <summary>Refusals: setters keep the old value and log, errors go to the recorder while there is one, progress can be stopped.</summary>
public class RefusalTests
{
    [Fact]
    public void RefusedSetterLogsAndKeepsTheOldValue()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        IPoolingLayer pool = network.AddPoolingNd(network.AddInput("x", DataType.Float, [1, 1, 4, 4]), PoolingType.Max, [2, 2]);
        pool.StrideNd = [2, 2];
        pool.StrideNd = [0, 1];
        Assert.Equal(new Dims(2, 2), pool.StrideNd);
        Assert.StartsWith("IPoolingLayer::setStrideNd: Error Code 3: API Usage Error (Parameter check failed, condition: ", Assert.Single(test.Log.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void ErrorsGoToTheRecorderWhileThereIsOne()
    {
        using TestEngine test = new();
        Recorder recorder = new();
        INetworkDefinition network = test.Network();
        network.ErrorRecorder = recorder;
        Assert.Throws<TensorRtException>(() => network.AddInput("x", DataType.Float, [-2]));
        Assert.Equal(ErrorCode.InvalidArgument, Assert.Single(recorder.Errors).Code);
        Assert.Empty(test.Log.Errors);
        Assert.Equal(1, recorder.References);
        network.ErrorRecorder = null;
        Assert.Equal(0, recorder.References);
        Assert.Throws<TensorRtException>(() => network.AddInput("x", DataType.Float, [-2]));
        Assert.Single(test.Log.Errors);
    }

    [Fact]
    public void ProgressMonitorStopsTheBuildAndTheNextOneWorks()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        LeNet.Define(network, 1);
        Monitor monitor = new() { StopsAt = 1 };
        using IBuilderConfig config = test.Builder.CreateBuilderConfig();
        config.ProgressMonitor = monitor;
        Assert.Contains("canceled", Assert.Throws<TensorRtException>(() => test.Builder.BuildSerializedNetwork(network, config)).Message, StringComparison.Ordinal);
        Assert.Equal(["start Building engine", "start Cloning network graph", "step 0", "step 1", "finish Cloning network graph", "finish Building engine"], monitor.Calls);
        monitor.StopsAt = int.MaxValue;
        test.Builder.BuildSerializedNetwork(network, config).Dispose();
    }

    [Fact]
    public void TensorWithoutShapeHasATypeAllTheSame()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        ITensor a = network.AddInput("a", DataType.Float, [2, 3]);
        ITensor b = network.AddInput("b", DataType.Float, [2, 4]);
        ITensor sum = network.AddElementWise(a, b, ElementWiseOperation.Sum).GetOutput(0);
        Assert.Equal(-1, sum.Dimensions.NbDims);
        Assert.Equal(DataType.Float, sum.Type);
        Assert.Contains("Error Code 4: Shape Error", test.Log.Errors.First(), StringComparison.Ordinal);
        network.MarkOutput(sum);
        Assert.Contains("(Unnamed Layer* 0) [ElementWise]", Assert.Throws<TensorRtException>(() => test.Plan(network)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RuntimesKeepWhatTheyHad()
    {
        using TestEngine test = new();
        test.Runtime.MaxThreads = 5;
        Assert.Contains("IRuntime::setMaxThreads: Error Code 3: API Usage Error", Assert.Throws<TensorRtException>(() => test.Runtime.MaxThreads = 0).Message, StringComparison.Ordinal);
        Assert.Equal(5, test.Runtime.MaxThreads);
        int errors = test.Log.Errors.Count();
        test.Runtime.DLACore = 1;
        Assert.Equal((-1, 0), (test.Runtime.DLACore, test.Runtime.NbDLACores));
        Assert.Equal(errors, test.Log.Errors.Count());
    }

    [Fact]
    public void ParserHasNoSubgraphsBeyondTheLast()
    {
        using TestEngine test = new();
        using Trt.Interop.NvOnnxParser.IParser parser = TestLibrary.Current.CreateParser(test.Network(), test.Log);
        Assert.False(parser.IsSubgraphSupported(0));
        Assert.Empty(parser.GetSubgraphNodes(0));
        Assert.Equal(2, parser.NbErrors);
        Assert.Equal(Trt.Interop.NvOnnxParser.ErrorCode.InvalidValue, parser.GetError(1).Code);
        parser.ClearErrors();
        Assert.Equal(0, parser.NbErrors);
    }

    [Fact]
    public void TimingCachesKeepOnlyWhatBuildsAdded()
    {
        using TestEngine test = new();
        using IBuilderConfig config = test.Builder.CreateBuilderConfig();
        using ITimingCache cache = config.CreateTimingCache([]);
        TimingCacheKey key = default;
        key.Data[0] = 7;
        Assert.Throws<TensorRtException>(() => cache.Update(key, new TimingCacheValue { TacticHash = 42, TimingMSec = 0.5f }));
        Assert.Contains("ITimingCache::update: Error Code 3: API Usage Error (TimingCacheKey not found", test.Log.Errors.Last(), StringComparison.Ordinal);
        TimingCacheValue none = cache.Query(key);
        Assert.Equal((ulong.MaxValue, -1f), (none.TacticHash, none.TimingMSec));
        Assert.Contains("ITimingCache::query: Error Code 3: API Usage Error (TimingCacheKey not found", test.Log.Errors.Last(), StringComparison.Ordinal);
        using IHostMemory bytes = cache.Serialize();
        using ITimingCache again = config.CreateTimingCache(bytes.AsSpan());
        Assert.DoesNotContain(test.Log.Lines, line => line.Severity == Severity.Warning);
        Assert.Equal(0, again.QueryKeys([]));
        again.Combine(cache, false);
        config.SetTimingCache(again, false);
        Assert.NotNull(config.TimingCache);
        byte[] damaged = bytes.AsSpan().ToArray();
        damaged[20] ^= 1;
        using ITimingCache empty = config.CreateTimingCache(damaged);
        Assert.Equal(0, empty.QueryKeys([]));
        Assert.Contains("damaged", test.Log.Lines.Last(line => line.Severity == Severity.Warning).Text, StringComparison.Ordinal);
    }

    private sealed class Recorder : IErrorRecorder
    {
        public List<(ErrorCode Code, string Text)> Errors { get; } = [];

        public int References { get; private set; }

        public int NbErrors => Errors.Count;

        public ErrorCode GetErrorCode(int errorIdx) => Errors[errorIdx].Code;

        public string GetErrorDesc(int errorIdx) => Errors[errorIdx].Text;

        public bool HasOverflowed() => false;

        public void Clear() => Errors.Clear();

        public bool ReportError(ErrorCode val, string desc)
        {
            Errors.Add((val, desc));
            return true;
        }

        public int IncRefCount() => ++References;

        public int DecRefCount() => --References;
    }

    private sealed class Monitor : IProgressMonitor
    {
        public int StopsAt { get; set; }

        public List<string> Calls { get; } = [];

        public void PhaseStart(string phaseName, string? parentPhase, int nbSteps) => Calls.Add($"start {phaseName}");

        public bool StepComplete(string phaseName, int step)
        {
            Calls.Add($"step {step}");
            return step < StopsAt;
        }

        public void PhaseFinish(string phaseName) => Calls.Add($"finish {phaseName}");
    }
}
