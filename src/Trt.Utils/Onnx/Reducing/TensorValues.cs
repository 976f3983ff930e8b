using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Values that a model's tensors have for given inputs, computed when they are asked for.</summary>
internal sealed class TensorValues : IDisposable
{
    private readonly IOnnxSession session;
    private readonly IReadOnlyDictionary<string, OnnxTensor> inputs;
    private readonly HashSet<string> known;

    /// <exception cref="OnnxRuntimeException">ONNX Runtime refuses the model.</exception>
    public TensorValues(ModelProto model, TensorContents contents, IReadOnlyDictionary<string, OnnxTensor> inputs)
    {
        this.inputs = inputs;
        session = RunnableModel.Open(model, contents, runnable => runnable.Made.Select(name => runnable.Declared(name) ?? new ValueInfoProto { Name = name }), out _);
        known = new HashSet<string>(session.Outputs.Where(output => output.Kind == OnnxValueKind.Tensor).Select(output => output.Name), StringComparer.Ordinal);
    }

    /// <summary>Adds the types of tensors of which they are not known.</summary>
    public void Teach(EditableGraph graph)
    {
        string[] unknown = [.. known.Where(name => graph.Defines(name) && graph.TypeOf(name) is null or { Element: OnnxElementType.Undefined } or { Dims.IsDefault: true })];
        foreach ((string name, OnnxTensor value) in Of(unknown))
        {
            graph.Learn(name, new TensorType(value.ElementType, [.. value.Dims.Select(dim => new OnnxDim(dim))]));
        }
    }

    /// <summary>Values by name; those that nobody can compute are missing.</summary>
    public Dictionary<string, OnnxTensor> Of(IReadOnlyList<string> names)
    {
        Dictionary<string, OnnxTensor> values = new(StringComparer.Ordinal);
        string[] made = [.. names.Where(known.Contains)];
        if (made.Length > 0)
        {
            foreach ((string name, OnnxTensor value) in session.Run(inputs, made))
            {
                values[name] = value;
            }
        }

        foreach (string name in names)
        {
            if (inputs.TryGetValue(name, out OnnxTensor? value))
            {
                values[name] = value;
            }
        }

        return values;
    }

    public void Dispose() => session.Dispose();
}
