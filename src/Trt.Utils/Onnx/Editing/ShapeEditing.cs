using System.Collections.Immutable;
using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Gives inputs and outputs other extents, and what follows from them to all others.</summary>
internal static class ShapeEditing
{
    public static ModelProto SetShape(ModelProto model, TensorContents contents, string name, ReadOnlySpan<OnnxDim> dims)
    {
        ModelProto copy = model.Clone();
        ValueInfoProto? input = copy.Graph.Input.FirstOrDefault(value => value.Name == name), output = copy.Graph.Output.FirstOrDefault(value => value.Name == name);
        ValueInfoProto value = input ?? output ?? throw new ArgumentException(
            $"The model has no input or output \"{name}\".{OnnxModel.NearestText(name, copy.Graph.Input.Concat(copy.Graph.Output).Select(other => other.Name))}", nameof(name));
        SetDims(value, [.. dims]);
        return input is null ? copy : Refreshed(copy, contents);
    }

    public static ModelProto SetBatch(ModelProto model, TensorContents contents, OnnxDim batch)
    {
        EditableModel before = new(model.Clone(), contents);
        TypeInference.Infer(before);
        ModelProto copy = before.Commit().Clone();
        HashSet<string> constants = new(copy.Graph.Initializer.Select(tensor => tensor.Name), StringComparer.Ordinal);
        ValueInfoProto[] inputs = [.. copy.Graph.Input.Where(input => !constants.Contains(input.Name) && TensorType.Of(input.Type) is { Dims: { IsDefault: false, Length: > 0 } })];
        OnnxDim[] olds = [.. inputs.Select(input => TensorType.Of(input.Type)!.Value.Dims[0]).Distinct()];
        if (olds is not [var old])
        {
            throw new InvalidOperationException(olds.Length == 0
                ? "No input has dimensions, so none of them can be the batch."
                : $"The inputs begin with {string.Join(", ", olds)}, so it is not plain what the batch is. Use SetShape for each input.");
        }

        foreach (ValueInfoProto input in inputs)
        {
            SetDims(input, [batch, .. TensorType.Of(input.Type)!.Value.Dims.Skip(1)]);
        }

        EditableModel edited = new(copy, contents);
        if (old.IsKnown)
        {
            BatchInShapes.Replace(before.Main, edited.Main, old.Value, batch);
        }

        ModelProto result = Refreshed(edited.Commit(), contents);
        foreach (ValueInfoProto output in result.Graph.Output)
        {
            // An output that has no batch of its own may begin with the same number; one that had the batch and cannot have the new one is a mistake.
            OnnxDim? now = TensorType.Of(output.Type) is { Dims: { IsDefault: false, Length: > 0 } dims } ? dims[0] : (OnnxDim?)null;
            if (old.IsKnown && old.Value > 1 && now == old && batch != old)
            {
                throw new InvalidOperationException($"Output \"{output.Name}\" still begins with {old}: a constant in the model holds the batch in a place where it cannot be changed.");
            }
        }

        return result;
    }

    /// <summary>Types of values between the nodes, and of outputs, as they follow from the inputs.</summary>
    public static ModelProto Refreshed(ModelProto model, TensorContents contents)
    {
        ValueInfoProto[] declared = [.. model.Graph.Output];
        model.Graph.ValueInfo.Clear();
        model.Graph.Output.Clear();
        model.Graph.Output.Add(declared.Select(Open));
        EditableModel edited = new(model, contents);
        try
        {
            if (TypeInference.Infer(edited) is { } reason)
            {
                throw new InvalidOperationException($"With these shapes the model is not valid: {reason}");
            }
        }
        catch (TensorRtNotFoundException)
        {
            return edited.Commit(); // nobody can tell: the outputs' extents stay open
        }

        ModelProto result = edited.Commit();
        foreach (ValueInfoProto output in result.Graph.Output)
        {
            if (edited.Main.TypeOf(output.Name) is { Element: not OnnxElementType.Undefined } type)
            {
                SetDims(output, Named(type.Dims, declared.First(value => value.Name == output.Name)));
            }
        }

        return result;
    }

    public static void SetDims(ValueInfoProto value, ImmutableArray<OnnxDim> dims)
    {
        if (value.Type is { TensorType: null, ValueCase: not TypeProto.ValueOneofCase.None })
        {
            throw new ArgumentException($"\"{value.Name}\" is no tensor, so it has no shape.");
        }

        value.Type ??= new TypeProto();
        value.Type.TensorType ??= new TypeProto.Types.Tensor();
        if (dims.IsDefault)
        {
            value.Type.TensorType.Shape = null;
            return;
        }

        value.Type.TensorType.Shape = new TensorShapeProto();
        value.Type.TensorType.Shape.Dim.Add(dims.Select(TensorType.ToProto));
    }

    /// <summary>Extents that are not known keep the symbols that they had.</summary>
    private static ImmutableArray<OnnxDim> Named(ImmutableArray<OnnxDim> dims, ValueInfoProto declared) =>
        dims.IsDefault || TensorType.Of(declared.Type) is not { Dims: { IsDefault: false } before } || before.Length != dims.Length
            ? dims
            : [.. dims.Zip(before, (now, then) => now.IsKnown || now.Symbol.Length > 0 || then.IsKnown ? now : then)];

    /// <summary>An output without extents.</summary>
    private static ValueInfoProto Open(ValueInfoProto output)
    {
        if (output.Type?.TensorType?.Shape is null)
        {
            return output;
        }

        ValueInfoProto open = output.Clone();
        foreach (TensorShapeProto.Types.Dimension dim in open.Type.TensorType.Shape.Dim)
        {
            dim.ClearValue();
        }

        return open;
    }
}
