using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>An attention: its parameters, and the two layers that stand for it in the network.</summary>
internal sealed class Attention : IAttention
{
    private readonly CpuNetwork network;
    private string name;
    private string metadata = string.Empty;
    private DataType? quantizedType;

    private Attention(CpuNetwork network, string name, CpuTensor query, CpuTensor key, CpuTensor value, AttentionNormalizationOp operation, CausalMaskKind causal)
    {
        this.network = network;
        this.name = name;
        Operation = operation;
        Kind = causal;
        Input = network.Add(new AttentionInput(network, this, query, key, value));
        Output = network.Add(new AttentionOutput(network, this, Input.OutputAt(0)));
    }

    public AttentionInput Input { get; }

    public AttentionOutput Output { get; }

    public AttentionNormalizationOp Operation { get; private set; }

    public CausalMaskKind Kind { get; private set; }

    /// <summary>What the normalization's result is quantized to; null where it is not.</summary>
    public DataType? QuantizedType => Input.InputAt(AttentionInput.ScaleInput) is null ? null : quantizedType;

    public bool IsDecomposable { get; private set; }

    public AttentionIOForm Form { get; private set; }

    public AttentionIOForm KeyForm { get; private set; }

    public AttentionNormalizationOp NormalizationOperation
    {
        get => Alive(Operation);
        set
        {
            Check(value is AttentionNormalizationOp.None or AttentionNormalizationOp.Softmax, "setNormalizationOperation", "op is an enumerator of AttentionNormalizationOp");
            Operation = value;
        }
    }

    public ITensor? Mask
    {
        get => Alive(Input).InputAt(AttentionInput.MaskInput);
        set
        {
            CpuTensor own = network.Own(value!);
            Check(Kind == CausalMaskKind.None, "setMask", "the attention is not causal, which a mask cannot be used together with");
            Input.Put(AttentionInput.MaskInput, own);
        }
    }

    public bool Causal
    {
        get => Alive(Kind) != CausalMaskKind.None;
        set
        {
            Check(!value || Input.InputAt(AttentionInput.MaskInput) is null, "setCausal", "the attention has no mask, which causal inference cannot be used together with");
            Kind = value ? CausalMaskKind.UpperLeft : CausalMaskKind.None;
        }
    }

    public CausalMaskKind CausalKind
    {
        get => Alive(Kind);
        set
        {
            Check(value is >= CausalMaskKind.None and <= CausalMaskKind.LowerRight, "setCausalKind", "kind is an enumerator of CausalMaskKind");
            Check(value == CausalMaskKind.None || Input.InputAt(AttentionInput.MaskInput) is null, "setCausalKind", "the attention has no mask, which causal inference cannot be used together with");
            Kind = value;
        }
    }

    public bool Decomposable
    {
        get => Alive(IsDecomposable);
        set => IsDecomposable = Alive(value);
    }

    public int NbInputs => Alive(3);

    public int NbOutputs => Alive(1);

    public string Name
    {
        get => Alive(name);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            name = Alive(value);
            Input.Name = $"{value}_AttentionInput";
            Output.Name = $"{value}_AttentionOutput";
        }
    }

    public ITensor? NormalizationQuantizeScale
    {
        get => Alive(Input).InputAt(AttentionInput.ScaleInput);
        set
        {
            CpuTensor own = network.Own(value!);
            Input.Put(AttentionInput.ScaleInput, own);
        }
    }

    public DataType NormalizationQuantizeToType
    {
        get
        {
            if (Alive(quantizedType) is null)
            {
                network.Journal.BadParameter("IAttention::getNormalizationQuantizeToType", "the type was set by setNormalizationQuantizeToType");
            }

            return quantizedType ?? DataType.Float;
        }

        set
        {
            Check(value is DataType.FP8 or DataType.Int8, "setNormalizationQuantizeToType", $"type is kFP8 or kINT8. It is {Types.Name(value)}");
            quantizedType = value;
        }
    }

    public string Metadata
    {
        get => Alive(metadata);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            metadata = Alive(value);
        }
    }

    public int NbRanks
    {
        get => Alive(1);
        set => Check(value == 1, "setNbRanks", $"nbRanks is 1, the CPU runtime runs on one rank. It is {value}");
    }

    public AttentionIOForm QueryForm
    {
        get => Alive(Form);
        set
        {
            Check(value is AttentionIOForm.PaddedBhnd or AttentionIOForm.PackedNhd, "setQueryForm", "form is an enumerator of AttentionIOForm");
            Form = value;
            Input.Reconsider();
        }
    }

    public AttentionIOForm KeyValueForm
    {
        get => Alive(KeyForm);
        set
        {
            Check(value is AttentionIOForm.PaddedBhnd or AttentionIOForm.PackedNhd, "setKeyValueForm", "form is an enumerator of AttentionIOForm");
            KeyForm = value;
            Input.Reconsider();
        }
    }

    /// <remarks>Only packed queries need them; padded ones ignore them.</remarks>
    public ITensor? QueryLengths
    {
        get => Alive(Input).InputAt(AttentionInput.QueryLengths);
        set => Input.Put(AttentionInput.QueryLengths, Lengths(value, "setQueryLengths"));
    }

    public ITensor? KeyValueLengths
    {
        get => Alive(Input).InputAt(AttentionInput.KeyValueLengths);
        set => Input.Put(AttentionInput.KeyValueLengths, Lengths(value, "setKeyValueLengths"));
    }

    public static Attention Create(CpuNetwork network, string method, ITensor query, ITensor key, ITensor value, AttentionNormalizationOp operation, CausalMaskKind causal)
    {
        (CpuTensor first, CpuTensor second, CpuTensor third) = (network.Own(query), network.Own(key), network.Own(value));
        return operation is not (AttentionNormalizationOp.None or AttentionNormalizationOp.Softmax) ? throw network.RefuseAdd(method, "normOp is an enumerator of AttentionNormalizationOp")
            : causal is < CausalMaskKind.None or > CausalMaskKind.LowerRight ? throw network.RefuseAdd(method, "causalKind is an enumerator of CausalMaskKind")
            : new Attention(network, $"(Unnamed Layer* {network.TakeNumber()}) [Attention]", first, second, third, operation, causal);
    }

    public void SetInput(int index, ITensor input)
    {
        CpuTensor own = network.Own(input);
        Check(index is >= 0 and < 3, "setInput", $"index is 0 to 2; mask and scale have setters of their own. It is {index}");
        Input.Put(index, own);
    }

    public ITensor? GetInput(int index)
    {
        if (Alive(index) is >= 0 and < 3)
        {
            return Input.InputAt(index);
        }

        network.Journal.BadParameter("IAttention::getInput", $"index is 0 to 2; mask and scale have getters of their own. It is {index}");
        return null;
    }

    public ITensor? GetOutput(int index)
    {
        if (Alive(index) == 0)
        {
            return Output.OutputAt(0);
        }

        network.Journal.BadParameter("IAttention::getOutput", $"index is 0. It is {index}");
        return null;
    }

    private CpuTensor? Lengths(ITensor? lengths, string method)
    {
        if (lengths is null)
        {
            return null;
        }

        CpuTensor own = network.Own(lengths);
        Check(network.TypeOf(own, $"IAttention::{method}") == DataType.Int32, method, "lengths have type kINT32");
        Check(own.Dimensions.NbDims == 1, method, "lengths have 1 dimension");
        return own;
    }

    private T Alive<T>(T value)
    {
        network.ThrowIfDisposed();
        return value;
    }

    private void Check(bool valid, string method, string condition)
    {
        network.ThrowIfDisposed();
        if (!valid)
        {
            throw network.Journal.Failure($"IAttention::{method}", Refusal.Argument($"Parameter check failed, condition: {condition}."));
        }
    }
}
