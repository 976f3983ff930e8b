using System.Text.Json;
using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>Settings of contexts and engines, and the inspector.</summary>
internal sealed class SettingCases(Subject subject)
{
    public void Run()
    {
        subject.Case("auxiliary streams of the user", () =>
        {
            using ICudaEngine engine = subject.LeNet();
            using LeNetRun run = new(subject, engine.CreateExecutionContext(), 20);
            CudaStream[] streams = [.. Enumerable.Range(0, Math.Max(engine.NbAuxStreams, 2)).Select(_ => new CudaStream(subject.Device))];
            run.Context.SetAuxStreams([.. streams.Select(stream => stream.Handle)]);
            subject.Checks.Note($"the engine has {engine.NbAuxStreams} auxiliary streams, {streams.Length} were given");
            string? wrong = run.Run() ?? run.Run();
            Array.ForEach(streams, stream => stream.Synchronize());
            run.Dispose();
            Array.ForEach(streams, stream => stream.Dispose());
            return wrong;
        });
        subject.Case("NVTX verbosity is lowered, and not raised above the engine's", () =>
        {
            using ICudaEngine engine = subject.LeNet();
            using LeNetRun run = new(subject, engine.CreateExecutionContext(), 20);
            subject.Checks.Note($"the engine's verbosity is {engine.ProfilingVerbosity}, the context's {run.Context.NvtxVerbosity}");
            run.Context.NvtxVerbosity = ProfilingVerbosity.None;
            return run.Context.NvtxVerbosity != ProfilingVerbosity.None ? $"it is {run.Context.NvtxVerbosity}"
                : engine.ProfilingVerbosity == ProfilingVerbosity.Detailed ? run.Run()
                : subject.Refused<TensorRtException>(() => run.Context.NvtxVerbosity = ProfilingVerbosity.Detailed) ?? run.Run();
        });
        subject.Case("the limit of persistent cache is read back", () =>
        {
            using ICudaEngine engine = subject.LeNet();
            using LeNetRun run = new(subject, engine.CreateExecutionContext(), 20);
            nuint first = run.Context.PersistentCacheLimit;
            run.Context.PersistentCacheLimit = 1 << 20;
            return first != 0 ? $"it was {first} at first" : run.Context.PersistentCacheLimit != 1 << 20 ? $"it is {run.Context.PersistentCacheLimit}" : run.Run();
        });
        subject.Case("names, and the objects that belong together", () =>
        {
            using ICudaEngine engine = subject.LeNet();
            using LeNetRun run = new(subject, engine.CreateExecutionContext(), 20);
            run.Context.Name = "digits";
            return run.Context.Name != "digits" ? $"the name is {run.Context.Name}"
                : !ReferenceEquals(run.Context.Engine, engine) ? "the context has another engine"
                : run.Context.GetTensorAddress("data") != run.Data.Pointer || run.Context.GetOutputTensorAddress("prob") != run.Prob.Pointer ? "the addresses are not told"
                : run.Context.GetTensorShape("prob") != new Dims(20, 10) ? $"the shape is {run.Context.GetTensorShape("prob")}"
                : run.Context.GetTensorStrides("prob") != new Dims(10, 1) ? $"the strides are {run.Context.GetTensorStrides("prob")}"
                : run.Context.GetMaxOutputSize("prob") < 20 * 40 ? $"the greatest size of prob is {run.Context.GetMaxOutputSize("prob")}"
                : run.Context.InferShapes() is { Length: > 0 } missing ? $"missing {string.Join(", ", missing)}"
                : null;
        });
        subject.Case("the inspector tells the layers", () =>
        {
            using ICudaEngine engine = subject.LeNet();
            using IEngineInspector inspector = engine.CreateEngineInspector();
            string json = inspector.GetEngineInformation(LayerInformationFormat.JSON);
            string line = inspector.GetLayerInformation(0, LayerInformationFormat.Oneline);
            subject.Checks.Note($"{engine.NbLayers} layers, the first: {line.ReplaceLineEndings(" ").Trim()}");
            using JsonDocument document = JsonDocument.Parse(json);
            int layers = document.RootElement.GetProperty("Layers").GetArrayLength();
            using IExecutionContext context = engine.CreateExecutionContext();
            inspector.ExecutionContext = context;
            return layers != engine.NbLayers ? $"{layers} layers in the JSON, {engine.NbLayers} in the engine"
                : line.Length == 0 ? "the first layer has no text"
                : !ReferenceEquals(inspector.ExecutionContext, context) ? "the context is not read back"
                : inspector.GetEngineInformation(LayerInformationFormat.Oneline).Length == 0 ? "no text with a context"
                : null;
        });
    }
}
