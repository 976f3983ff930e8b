using System.Globalization;
using Google.Protobuf;
using Trt.Cpu.OnnxRuntime;
using Trt.Interop;
using Trt.Onnx;

namespace Trt.Cpu;

/// <summary>What an engine and its contexts share: the plan's memory and the session. Freed when the last of them is disposed.</summary>
internal sealed class EngineCore
{
    private readonly PlanFile plan;
    private readonly Lock weightGate = new();
    private readonly bool[] promised;
    private WeightSet? weights;
    private int holders = 1;

    private EngineCore(PlanFile plan, OrtSession session, EnginePlugins plugins)
    {
        this.plan = plan;
        Session = session;
        Plugins = plugins;
        PlanDescription description = plan.Description;
        int inputs = description.Tensors.Count(tensor => tensor.IsInput);
        Tensors = new EngineTensor[description.Tensors.Count];
        for (int i = 0; i < Tensors.Length; i++)
        {
            Tensors[i] = new EngineTensor(description.Tensors[i], i < inputs ? i : i - inputs, inputs);
        }

        InputCount = inputs;
        HasDataDependent = Tensors.Any(tensor => tensor.IsDataDependent);
        Memory = DimExprText.Parse(description.Memory, inputs);
        Exchangeable = [.. description.Exchangeable.Select(entry => new EngineWeights(entry))];
        promised = Array.ConvertAll(Exchangeable, entry => entry.Plan.Offset >= 0);
        weights = Exchangeable.Length == 0 ? null : new WeightSet(Array.ConvertAll(Exchangeable, AddressInPlan));
        Rules = [.. description.Rules.Select(rule => new ShapeRule(rule.Kind, DimExprText.Parse(rule.Left, inputs), DimExprText.Parse(rule.Right, inputs), rule.Text))];
        if (Rules.FirstOrDefault(rule => rule.Left.HasUnknown || rule.Right.HasUnknown) is { } rule)
        {
            throw new FormatException($"the rule \"{rule.Text}\" depends on what only a run knows.");
        }
    }

    public OrtSession Session { get; }

    public EnginePlugins Plugins { get; }

    public EngineTensor[] Tensors { get; }

    /// <summary>Weights that a refit may exchange; the session's inputs after those of the network.</summary>
    public EngineWeights[] Exchangeable { get; }

    public int InputCount { get; }

    /// <summary>Bytes of what lies between the layers.</summary>
    public DimExpr Memory { get; }

    public IReadOnlyList<ShapeRule> Rules { get; }

    /// <summary>Whether there are outputs whose shape only the run knows.</summary>
    public bool HasDataDependent { get; }

    public PlanDescription Description => plan.Description;

    public NativeBlob Blob => plan.Blob;

    /// <summary>An engine without profiles has one, which is empty.</summary>
    public int NbProfiles => Math.Max(plan.Description.Profiles.Count, 1);

    /// <summary>Makes an engine's core from a plan, which it owns from here on.</summary>
    /// <exception cref="Refusal">The plan is not usable; the blob is freed.</exception>
    public static EngineCore Load(NativeBlob blob, CpuPluginRegistry registry, Journal journal)
    {
        try
        {
            PlanFile plan = PlanFile.Read(blob);
            ModelProto model = ModelProto.Parser.ParseFrom(plan.Graph.Span);
            EnginePlugins plugins = EnginePlugins.Load(plan.Description.Plugins, registry);
            OrtSession? session = null;
            try
            {
                session = OrtSession.Create(plan.Graph.Span, Settings(plan, model) with { Log = journal.OfOnnxRuntime });
                return new EngineCore(plan, session, plugins);
            }
            catch (Exception)
            {
                session?.Dispose();
                plugins.Dispose();
                throw;
            }
        }
        catch (Exception error)
        {
            blob.Dispose();
            throw error switch
            {
                OrtException => Refusal.Internal($"ONNX Runtime cannot load the engine: {error.Message}"),
                Google.Protobuf.InvalidProtocolBufferException or FormatException or ArgumentException => Refusal.Argument($"The plan is damaged: {error.Message}"),
                _ => error,
            };
        }
    }

    /// <summary>Bytes that a run needs between its layers, in TensorRT's units of 512.</summary>
    /// <exception cref="OverflowException">More than 64 bits can count.</exception>
    /// <exception cref="DivideByZeroException">An extent of 0 divides.</exception>
    public long MemoryFor(IDimSource inputs) => checked(Memory.Evaluate(inputs) + 511) / 512 * 512;

    /// <summary>Bytes that the greatest run of a profile needs between its layers.</summary>
    public long MemoryForProfile(int profile)
    {
        try
        {
            return MemoryFor(new ProfileGreatest(this, profile));
        }
        catch (Exception error) when (error is OverflowException or DivideByZeroException)
        {
            return 0;
        }
    }

    /// <summary>A further session of the same graph that also gives some of the values inside.</summary>
    /// <param name="shown">Tensors that become outputs after the engine's own.</param>
    /// <param name="profile">Beginning of the path of a file for times; null for none.</param>
    /// <exception cref="OrtException">ONNX Runtime cannot load it.</exception>
    public OrtSession OpenWatched(IReadOnlyList<PlanDebugTensor> shown, string? profile)
    {
        ModelProto model = ModelProto.Parser.ParseFrom(plan.Graph.Span);
        foreach (PlanDebugTensor tensor in shown)
        {
            OnnxValue value = new($"shown{model.Graph.Output.Count}", tensor.Type);
            model.Graph.Node.Add(new NodeProto { OpType = "Identity", Input = { tensor.Value }, Output = { value.Name } });
            model.Graph.Output.Add(Lowering.Declaration(value, null));
        }

        return OrtSession.Create(model.ToByteArray(), Settings(plan, model) with { EnableProfiling = profile is not null, ProfilePrefix = profile });
    }

    /// <summary>Names of the graph's nodes by the value that each makes.</summary>
    public Dictionary<string, string> Makers()
    {
        Dictionary<string, string> result = new(StringComparer.Ordinal);
        foreach (NodeProto node in ModelProto.Parser.ParseFrom(plan.Graph.Span).Graph.Node)
        {
            foreach (string output in node.Output)
            {
                result[output] = node.Name;
            }
        }

        return result;
    }

    /// <summary>Whether a tensor was marked by itself to be shown.</summary>
    public bool IsDebugTensor(string name) => Description.Debug.Any(tensor => tensor.IsMarked && tensor.Name == name);

    public void Hold() => Interlocked.Increment(ref holders);

    public void LetGo()
    {
        if (Interlocked.Decrement(ref holders) == 0)
        {
            Session.Dispose();
            weights?.LetGo();
            Plugins.Dispose();
            plan.Blob.Dispose();
        }
    }

    /// <summary>The weights as they are now, for one run; the caller lets go of them. Null where none can be exchanged.</summary>
    public WeightSet? HoldWeights()
    {
        if (weights is null)
        {
            return null;
        }

        lock (weightGate)
        {
            weights.Hold();
            return weights;
        }
    }

    /// <summary>Puts weights in the place of others. Runs that are under way finish with those that they began with.</summary>
    public void Exchange(IReadOnlyList<(int Index, NativeBlob Memory)> changes)
    {
        WeightSet before;
        lock (weightGate)
        {
            before = weights!;
            weights = before.With(changes);
        }

        before.LetGo();
    }

    /// <summary>Says that a stream will put these weights in before anything that is enqueued on it later.</summary>
    public void Promise(IEnumerable<int> indexes)
    {
        foreach (int index in indexes)
        {
            Volatile.Write(ref promised[index], true);
        }
    }

    /// <summary>The first weights that the engine needs and nobody gave since a stripped plan was loaded; −1 for none.</summary>
    public int FirstMissing() => Array.IndexOf(promised, false);

    public bool IsMissing(int index) => !promised[index];

    /// <summary>A plan with the weights as they are now.</summary>
    /// <param name="withWeights">Whether it holds the exchangeable weights; those that are missing stay so.</param>
    /// <param name="refittable">Whether the plan's engine can be refitted.</param>
    public NativeBlob Serialize(bool withWeights, bool refittable)
    {
        WeightSet? now = HoldWeights();
        try
        {
            nint[] addresses = new nint[Exchangeable.Length];
            for (int i = 0; i < addresses.Length; i++)
            {
                addresses[i] = withWeights || Exchangeable[i].Plan.RangeOf is not null ? now![i] : 0;
            }

            PlanDescription description = Description with { IsRefittable = refittable, IsStripped = Description.IsStripped && refittable };
            WeightBlock[] constants = Description.ConstantBytes == 0 ? [] : [new WeightBlock("constants", Blob.Address + (nint)plan.WeightsOffset, Description.ConstantBytes, 0)];
            return PlanWriter.Write(description, plan.Graph.Span, constants, Description.ConstantBytes, addresses).ToBlob();
        }
        finally
        {
            now?.LetGo();
        }
    }

    /// <summary>The number of a tensor, or −1.</summary>
    public int Find(ReadOnlySpan<char> name)
    {
        for (int i = 0; i < Tensors.Length; i++)
        {
            if (name.SequenceEqual(Tensors[i].Name))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The number of a tensor, or −1; nothing is allocated.</summary>
    public int Find(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < Tensors.Length; i++)
        {
            if (name.SequenceEqual(Tensors[i].Utf8))
            {
                return i;
            }
        }

        return -1;
    }

    private nint AddressInPlan(EngineWeights entry)
    {
        if (entry.Plan.Offset < 0)
        {
            return 0;
        }

        return entry.Plan.Offset <= plan.WeightsLength && entry.Bytes <= plan.WeightsLength - entry.Plan.Offset
            ? Blob.Address + (nint)(plan.WeightsOffset + entry.Plan.Offset)
            : throw Refusal.Argument($"The plan is damaged: weights {entry.Plan.Label()} lie outside of it.");
    }

    private static OrtSessionSettings Settings(PlanFile plan, ModelProto model) => new()
    {
        Initializers = Initializers(plan, model),
        Kernels = [.. plan.Description.Plugins.Select((plugin, i) => new PluginKernel(plugin, i))],
    };

    private static Dictionary<string, (nint Data, long Bytes, OrtElementType Type, long[] Shape)> Initializers(PlanFile plan, ModelProto model)
    {
        Dictionary<string, (nint, long, OrtElementType, long[])> result = new(StringComparer.Ordinal);
        foreach (TensorProto tensor in model.Graph.Initializer)
        {
            if (tensor.DataLocation != TensorProto.Types.DataLocation.External)
            {
                continue;
            }

            long offset = Number(tensor, "offset");
            long length = Number(tensor, "length");
            if (offset < 0 || length < 0 || offset > plan.WeightsLength || length > plan.WeightsLength - offset)
            {
                throw Refusal.Argument($"The plan is damaged: weights {tensor.Name} lie outside of it.");
            }

            result.Add(tensor.Name, (plan.Blob.Address + (nint)(plan.WeightsOffset + offset), length, (OrtElementType)tensor.DataType, [.. tensor.Dims]));
        }

        return result;
    }

    private static long Number(TensorProto tensor, string key)
    {
        string? text = tensor.ExternalData.FirstOrDefault(entry => entry.Key == key)?.Value;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : -1;
    }
}
