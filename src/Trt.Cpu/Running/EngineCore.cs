using System.Globalization;
using Trt.Cpu.Onnx;
using Trt.Cpu.OnnxRuntime;
using Trt.Interop;

namespace Trt.Cpu;

/// <summary>What an engine and its contexts share: the plan's memory and the session. Freed when the last of them is disposed.</summary>
internal sealed class EngineCore
{
    private readonly PlanFile plan;
    private int holders = 1;

    private EngineCore(PlanFile plan, OrtSession session)
    {
        this.plan = plan;
        Session = session;
        PlanDescription description = plan.Description;
        int inputs = description.Tensors.Count(tensor => tensor.IsInput);
        Tensors = new EngineTensor[description.Tensors.Count];
        for (int i = 0; i < Tensors.Length; i++)
        {
            Tensors[i] = new EngineTensor(description.Tensors[i], i < inputs ? i : i - inputs, inputs);
        }

        InputCount = inputs;
        HasDataDependent = Tensors.Any(tensor => tensor.IsDataDependent);
        Rules = [.. description.Rules.Select(rule => new ShapeRule(rule.Kind, DimExprText.Parse(rule.Left, inputs), DimExprText.Parse(rule.Right, inputs), rule.Text))];
        if (Rules.FirstOrDefault(rule => rule.Left.HasUnknown || rule.Right.HasUnknown) is { } rule)
        {
            throw new FormatException($"the rule \"{rule.Text}\" depends on what only a run knows.");
        }
    }

    public OrtSession Session { get; }

    public EngineTensor[] Tensors { get; }

    public int InputCount { get; }

    public IReadOnlyList<ShapeRule> Rules { get; }

    /// <summary>Whether there are outputs whose shape only the run knows.</summary>
    public bool HasDataDependent { get; }

    public PlanDescription Description => plan.Description;

    public NativeBlob Blob => plan.Blob;

    /// <summary>An engine without profiles has one, which is empty.</summary>
    public int NbProfiles => Math.Max(plan.Description.Profiles.Count, 1);

    /// <summary>Bytes of the weights that the plan holds beside the graph.</summary>
    public long WeightsSize => plan.WeightsLength;

    /// <summary>Makes an engine's core from a plan, which it owns from here on.</summary>
    /// <exception cref="Refusal">The plan is not usable; the blob is freed.</exception>
    public static EngineCore Load(NativeBlob blob)
    {
        try
        {
            PlanFile plan = PlanFile.Read(blob);
            ModelProto model = ModelProto.Parser.ParseFrom(plan.Graph.Span);
            OrtSession session = OrtSession.Create(plan.Graph.Span, new OrtSessionSettings { Initializers = Initializers(plan, model) });
            try
            {
                return new EngineCore(plan, session);
            }
            catch (Exception)
            {
                session.Dispose();
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

    public void Hold() => Interlocked.Increment(ref holders);

    public void LetGo()
    {
        if (Interlocked.Decrement(ref holders) == 0)
        {
            Session.Dispose();
            plan.Blob.Dispose();
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
