using Trt.Interop;

namespace Trt.Cpu;

/// <content>Shapes of a run: what the user set, checked against the profile, and what follows from it.</content>
internal sealed partial class CpuExecutionContext
{
    long IDimSource.Extent(int input, int axis) => shapes[input][axis];

    long IDimSource.Value(int input, int element) => shapeValues[input]![element];

    private void SetShape(int tensor, string tensorName, Dims dims)
    {
        const string method = "IExecutionContext::setInputShape";
        if (tensor < 0 || !core.Tensors[tensor].IsInput)
        {
            throw journal.Failure(method, Refusal.Argument(Unknown(tensorName, "an input")));
        }

        Dims built = core.Tensors[tensor].Dims;
        if (dims.NbDims != built.NbDims || !dims.IsStatic)
        {
            throw journal.Failure(method, Refusal.Argument($"Parameter check failed, condition: engineDims.nbDims == dims.nbDims. Input \"{tensorName}\" has {built.NbDims} dimensions {Extents.Text(built)}, but {Extents.Text(dims)} was set."));
        }

        for (int axis = 0; axis < dims.NbDims; axis++)
        {
            if (built[axis] >= 0 && built[axis] != dims[axis])
            {
                throw journal.Failure(method, Refusal.Argument($"Parameter check failed, condition: engineDims.d[i] == dims.d[i]. Static dimension mismatch: input \"{tensorName}\" was built with {Extents.Text(built)}, but {Extents.Text(dims)} was set."));
            }
        }

        if (profile < core.Description.Profiles.Count && core.Description.Profiles[profile].Shapes.TryGetValue(tensorName, out long[][]? points))
        {
            for (int axis = 0; axis < dims.NbDims; axis++)
            {
                if (dims[axis] < points[0][axis] || dims[axis] > points[2][axis])
                {
                    throw journal.Failure(method, Refusal.Argument($"Parameter check failed, condition: satisfyProfile. Runtime dimension does not satisfy any optimization profile. " +
                        $"Input \"{tensorName}\" has shape {Extents.Text(dims)}, but profile {profile} allows {Extents.Text(new Dims(points[0]))} to {Extents.Text(new Dims(points[2]))}."));
                }
            }
        }

        if (shapes[tensor] != dims)
        {
            shapes[tensor] = dims;
            stale = true;
        }
    }

    /// <summary>Names of inputs whose shape, or values that shapes need, are missing.</summary>
    private string[] Unspecified()
    {
        List<string> missing = [];
        for (int i = 0; i < core.InputCount; i++)
        {
            if (!shapes[i].IsStatic || (shapeValues[i] is not null && addresses[i] == 0))
            {
                missing.Add(core.Tensors[i].Name);
            }
        }

        return [.. missing];
    }

    private bool HasAllShapes()
    {
        for (int i = 0; i < core.InputCount; i++)
        {
            if (!shapes[i].IsStatic || (shapeValues[i] is not null && addresses[i] == 0))
            {
                return false;
            }
        }

        return true;
    }

    private Dims ShapeOf(int tensor, string method)
    {
        if (core.Tensors[tensor].IsInput || !HasAllShapes())
        {
            return tensor < core.InputCount ? shapes[tensor] : core.Tensors[tensor].Dims;
        }

        try
        {
            Resolve(method);
            return shapes[tensor];
        }
        catch (TensorRtException)
        {
            return Dims.Unknown;
        }
    }

    /// <summary>Shape of a tensor inside of the network, as far as it follows from the inputs as they are.</summary>
    public Dims ShapeOf(PlanLayerTensor tensor)
    {
        Dims dims = new(tensor.Dims);
        if (!HasAllShapes())
        {
            return dims;
        }

        for (int axis = 0; axis < dims.NbDims; axis++)
        {
            DimExpr extent = DimExprText.Parse(tensor.Expressions[axis], core.InputCount);
            dims[axis] = extent.HasUnknown ? -1 : extent.Evaluate(this);
        }

        return dims;
    }

    /// <summary>Computes shapes of outputs, if anything changed since.</summary>
    /// <exception cref="TensorRtException">The shapes do not fit together; the message says which.</exception>
    private void Resolve(string method)
    {
        if (hasShapeInputs)
        {
            stale |= ReadValues();
        }

        if (!stale)
        {
            return;
        }

        try
        {
            CheckValues();
            foreach (ShapeRule rule in core.Rules)
            {
                rule.Check(this);
            }

            for (int i = core.InputCount; i < shapes.Length; i++)
            {
                EngineTensor tensor = core.Tensors[i];
                Dims dims = tensor.Dims;
                for (int axis = 0; axis < dims.NbDims; axis++)
                {
                    if (tensor.Extents[axis].HasUnknown)
                    {
                        continue;
                    }

                    long extent = tensor.Extents[axis].Evaluate(this);
                    dims[axis] = extent >= 0 ? extent : throw Refusal.Shape($"output {tensor.Name} would have the negative extent {extent} on axis {axis}.");
                }

                shapes[i] = dims;
            }

            stale = false;
        }
        catch (Refusal refusal)
        {
            throw journal.Failure($"IExecutionContext::{method}", refusal);
        }
        catch (Exception error) when (error is OverflowException or DivideByZeroException)
        {
            throw journal.Failure($"IExecutionContext::{method}", Refusal.Shape("the shapes need numbers of more than 64 bits, or divide by an extent of 0."));
        }
    }

    /// <summary>Bytes that an output has at most, in multiples of 512 as TensorRT answers; −1 when there is no limit.</summary>
    private long Limit(int tensor)
    {
        EngineTensor output = core.Tensors[tensor];
        try
        {
            long count = output.Format is not null ? output.MemoryVolume(shapes[tensor]) : 1;
            foreach (DimExpr extent in output.Format is null ? output.Extents : [])
            {
                if (extent.Bounds(this) is not { } bounds)
                {
                    return -1;
                }

                count = checked(count * Math.Max(bounds.High, 0));
            }

            return checked(output.Bytes(count) + OutputAlignment - 1) / OutputAlignment * OutputAlignment;
        }
        catch (Exception error) when (error is OverflowException or DivideByZeroException)
        {
            return -1;
        }
    }

    /// <summary>Reads what shapes depend on from the inputs' memory; true when something is not as before.</summary>
    private unsafe bool ReadValues()
    {
        bool changed = false;
        for (int i = 0; i < core.InputCount; i++)
        {
            if (shapeValues[i] is not { } values)
            {
                continue;
            }

            for (int k = 0; k < values.Length; k++)
            {
                long value = core.Tensors[i].Type == DataType.Int64 ? ((long*)addresses[i])[k] : ((int*)addresses[i])[k];
                changed |= values[k] != value;
                values[k] = value;
            }
        }

        return changed;
    }

    private void CheckValues()
    {
        if (profile >= core.Description.Profiles.Count)
        {
            return;
        }

        for (int i = 0; i < core.InputCount; i++)
        {
            if (shapeValues[i] is { } values && core.Description.Profiles[profile].Values.TryGetValue(core.Tensors[i].Name, out long[][]? points))
            {
                for (int k = 0; k < values.Length; k++)
                {
                    if (values[k] < points[0][k] || values[k] > points[2][k])
                    {
                        throw Refusal.Argument($"Input \"{core.Tensors[i].Name}\" has value {values[k]} at {k}, but profile {profile} allows {points[0][k]} to {points[2][k]}.");
                    }
                }
            }
        }
    }
}
