using System.Diagnostics;
using System.Globalization;
using Google.Protobuf;
using Trt.Cpu.OnnxRuntime;
using Trt.Interop;
using Trt.Onnx;

namespace Trt.Cpu;

/// <summary>Checks a network, writes it as an ONNX graph, and packs both with weights and profiles into a plan.</summary>
internal sealed class EngineCompiler(CpuNetwork network, CpuBuilderConfig config, string method)
{
    private readonly Journal journal = network.BuilderJournal;

    /// <summary>Holds the memory of numbers that the plan is written from.</summary>
    private Lowering? lowered;

    /// <summary>Builds the plan and hands it to a writer, with weights that still lie where the user keeps them.</summary>
    /// <exception cref="TensorRtException">The network cannot be built; the message is the line that was logged.</exception>
    public T Compile<T>(Func<PlanImage, T> write)
    {
        long start = Stopwatch.GetTimestamp();
        PlanImage plan;
        using (BuildProgress progress = new(config.Settings.ProgressMonitor))
        {
            try
            {
                plan = Compile(progress);
            }
            catch (Refusal refusal)
            {
                throw journal.Failure(method, refusal);
            }
        }

        journal.Info(string.Create(CultureInfo.InvariantCulture, $"Engine generation completed in {Stopwatch.GetElapsedTime(start).TotalSeconds:G6} seconds."));
        T result = write(plan);
        GC.KeepAlive(lowered);
        GC.KeepAlive(network);
        return result;
    }

    private PlanImage Compile(BuildProgress progress)
    {
        progress.Start("Building engine", 5);
        progress.Start("Cloning network graph", 2);
        new NetworkCheck(network, config).Check();
        progress.Step();
        new ProfileCheck(network, config, journal).Check();
        progress.Finish();
        progress.Step();
        journal.Info(string.Create(CultureInfo.InvariantCulture, $"Detected {network.InputTensors.Count} inputs and {Outputs().Count} output network tensors."));
        journal.Verbose(string.Create(CultureInfo.InvariantCulture, $"Original: {network.LayerList.Count} layers"));
        progress.Start("Preparing graph for optimization", 2);
        List<CpuTensor> shown = [.. network.DebugTensors.Where(tensor => tensor.Producer is not null)];
        ControlFlow flow = new(network, [.. Outputs(), .. shown]);
        shown.RemoveAll(tensor => flow.IsInside(tensor.Producer!));
        journal.Verbose(string.Create(CultureInfo.InvariantCulture, $"After dead-layer removal: {flow.Order.Count} layers"));
        foreach (CpuLayer layer in flow.Order)
        {
            journal.Verbose($"{layer.Type} {layer.Label}: {string.Join(", ", layer.Inputs.Select(Shaped))} -> {string.Join(", ", layer.Outputs.Select(Shaped))}");
        }

        List<CpuLayer> straight = [.. flow.Order.Where(layer => !flow.IsInside(layer))];
        Int8Plan? int8 = Int8Plan.Make(network, config, journal, straight, Outputs(), () => Lower(flow, [], [], null, RefitChoice.None));
        progress.Step();
        Lowering graph = Lower(flow, Outputs(), shown, int8, new RefitChoice(network, config.Settings.Flags));
        lowered = graph;
        progress.Finish();
        progress.Step();
        progress.Start("Building engine from subgraph", 1);
        progress.Start("Optimizing graph", 2);
        ModelProto whole = graph.Finish();
        byte[] model = whole.ToByteArray();
        progress.Step();
        TrialSession.Try(whole, model, graph, journal);
        progress.Finish();
        progress.Finish();
        progress.Step();
        journal.Verbose(string.Create(CultureInfo.InvariantCulture, $"Written as {whole.Graph.Node.Count} ONNX nodes, {model.Length} bytes"));
        PlanDescription description = new PlanDescriber(network, config).Describe(flow.Order, graph);
        progress.Step();
        PlanImage plan = PlanWriter.Write(description, model, graph.Blocks, graph.WeightBytes, graph.ExchangeableAddresses());
        progress.Step();
        journal.Info(string.Create(CultureInfo.InvariantCulture, $"Total Weights Memory: {graph.AllWeightBytes} bytes"));
        return plan;

        static string Shaped(CpuTensor? tensor) => tensor is null ? "-" : $"{tensor} {Types.Name(tensor.InferredType)} {(tensor.Facts is { } facts ? Extents.Text(Extents.Visible(facts.Dims)) : "?")}";
    }

    /// <summary>The network as a graph, without what a build adds to it.</summary>
    /// <exception cref="TensorRtException">The network cannot be written; the message is the line that was logged.</exception>
    public Lowering Graph()
    {
        try
        {
            new NetworkCheck(network, config).CheckLayers();
            return Write(new Lowering(new ControlFlow(network, Outputs())) { Config = config, IsLinear = true, KeepsQuantization = true }, Outputs(), []);
        }
        catch (Refusal refusal)
        {
            throw journal.Failure(method, refusal);
        }
    }

    /// <summary>Checks everything that can be checked without writing the graph.</summary>
    /// <exception cref="TensorRtException">Something is wrong; the message is the line that was logged.</exception>
    public void Check()
    {
        try
        {
            new NetworkCheck(network, config).Check();
            new ProfileCheck(network, config, journal).Check();
        }
        catch (Refusal refusal)
        {
            throw journal.Failure(method, refusal);
        }
    }

    private List<CpuTensor> Outputs() => [.. network.OutputTensors];

    private Lowering Lower(ControlFlow flow, List<CpuTensor> outputs, List<CpuTensor> shown, Int8Plan? int8, RefitChoice refit) =>
        Write(new Lowering(flow) { Config = config, Int8 = int8, Refit = refit }, outputs, shown);

    private Lowering Write(Lowering graph, List<CpuTensor> outputs, List<CpuTensor> shown)
    {
        foreach (CpuTensor input in network.InputTensors)
        {
            graph.AddInput(input);
        }

        foreach (CpuTensor output in outputs)
        {
            graph.AddOutput(output);
        }

        shown.ForEach(tensor => graph.Value(tensor));
        return graph;
    }
}
