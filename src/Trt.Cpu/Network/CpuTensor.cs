using Trt.Interop;

namespace Trt.Cpu;

/// <summary>A tensor of a network: one of its inputs, or an output of a layer.</summary>
internal sealed class CpuTensor : ITensor
{
    private readonly string?[] dimensionNames = new string?[Dims.MaxDims];
    private string name;
    private bool hasOwnName;
    private DataType inputType;
    private Dims inputDims;
    private Mask<TensorFormat> allowedFormats = AllFormats;
    private (float Min, float Max)? range;
    private TensorLocation location;

    public CpuTensor(CpuNetwork network, string name, DataType type, Dims dims)
    {
        Network = network;
        this.name = name;
        inputType = type;
        inputDims = dims;
    }

    public CpuTensor(CpuNetwork network, CpuLayer producer, int index, string name)
    {
        Network = network;
        this.name = name;
        Producer = producer;
        OutputIndex = index;
    }

    public static Mask<TensorFormat> AllFormats { get; } = new((1UL << ((int)TensorFormat.DHWC + 1)) - 1);

    public CpuNetwork Network { get; }

    /// <summary>The layer that computes it; null for an input of the network, and after it was removed.</summary>
    public CpuLayer? Producer { get; }

    public int OutputIndex { get; }

    /// <summary>Layers that read it, once for each use.</summary>
    public List<CpuLayer> Consumers { get; } = [];

    /// <summary>What shape inference found; null before and when there is no shape.</summary>
    public TensorFacts? Facts { get; set; }

    /// <summary>Type that inference gave; <see cref="Types.None"/> in a cycle.</summary>
    public DataType InferredType { get; set; } = DataType.Float;

    public DataType InputType => inputType;

    public Dims InputDims => inputDims;

    public Mask<TensorFormat> Formats => allowedFormats;

    public IReadOnlyList<string?> DimensionNames => dimensionNames;

    public string Name
    {
        get
        {
            Network.ThrowIfDisposed();
            return name;
        }

        set
        {
            ArgumentNullException.ThrowIfNull(value);
            Network.ThrowIfDisposed();
            if (value == name || Network.Journal.IsTooLong("ITensor::setName", value))
            {
                return;
            }

            if (value.Length > 0 && Network.FindTensor(value) is not null)
            {
                Network.Journal.Refused("ITensor::setName", Refusal.Argument($"The tensor {name} cannot be renamed to {value}: another tensor has that name."));
                return;
            }

            Rename(value);
            hasOwnName = true;
        }
    }

    /// <summary>An output that nobody named goes by its layer's name, the present one.</summary>
    public void FollowLayer(string layerName)
    {
        if (!hasOwnName && Network.FindTensor(layerName) is null)
        {
            Rename(layerName);
        }
    }

    private void Rename(string value)
    {
        Network.Renamed(this, name, value);
        name = value;
    }

    public Dims Dimensions
    {
        get
        {
            Network.ThrowIfDisposed();
            return Producer is null ? inputDims : Network.ShapeOf(this, "ITensor::getDimensions");
        }

        set
        {
            Network.ThrowIfDisposed();
            if (Producer is not null || !Extents.AreValid(value))
            {
                Network.Journal.BadParameter("ITensor::setDimensions", Producer is not null ? "isNetworkInput(), only shapes of network inputs can be set" : "isValidDims(dimensions)");
                return;
            }

            inputDims = value;
            Network.InvalidateInputs();
        }
    }

    public DataType Type
    {
        get
        {
            Network.ThrowIfDisposed();
            return Producer is null ? inputType : Network.TypeOf(this, "ITensor::getType");
        }

        set
        {
            Network.ThrowIfDisposed();
            if (!Types.IsKnown(value))
            {
                Network.Journal.BadParameter("ITensor::setType", $"type is one that the CPU runtime computes with. It is {Types.Name(value)}");
            }
            else if (Producer is not null)
            {
                Producer.SetOutputType(OutputIndex, value);
            }
            else
            {
                inputType = value;
                Network.Invalidate(this);
            }
        }
    }

    public bool IsNetworkInput => Network.IsInput(this);

    public bool IsNetworkOutput => Network.IsOutput(this);

    public bool BroadcastAcrossBatch
    {
        get
        {
            Network.ThrowIfDisposed();
            return false;
        }

        set
        {
            Network.ThrowIfDisposed();
            Network.Journal.Warning("ITensor::setBroadcastAcrossBatch: networks have an explicit batch, where this has no effect.");
        }
    }

    public TensorLocation Location
    {
        get
        {
            Network.ThrowIfDisposed();
            return location;
        }

        set
        {
            Network.ThrowIfDisposed();
            if (value is not (TensorLocation.Device or TensorLocation.Host))
            {
                Network.Journal.BadParameter("ITensor::setLocation", "location is kDEVICE or kHOST");
                return;
            }

            location = value;
        }
    }

    public float DynamicRangeMin => range?.Min ?? float.NaN;

    public float DynamicRangeMax => range?.Max ?? float.NaN;

    public Mask<TensorFormat> AllowedFormats
    {
        get
        {
            Network.ThrowIfDisposed();
            return allowedFormats;
        }

        set
        {
            Network.ThrowIfDisposed();
            if (!IsNetworkInput && !IsNetworkOutput)
            {
                Network.Journal.Warning($"ITensor::setAllowedFormats: the build chooses the format of {name}, which is neither an input nor an output of the network.");
            }
            else if (!value.Contains(TensorFormat.Linear) && IsShapeTensor)
            {
                Network.Journal.Warning($"ITensor::setAllowedFormats: {name} is a shape tensor, which can only be kLINEAR.");
                allowedFormats = [TensorFormat.Linear];
            }
            else
            {
                allowedFormats = value;
            }
        }
    }

    public bool IsShapeTensor
    {
        get
        {
            Network.ThrowIfDisposed();
            return Network.IsShapeTensor(this);
        }
    }

    public bool IsExecutionTensor
    {
        get
        {
            Network.ThrowIfDisposed();
            return Network.IsExecutionTensor(this);
        }
    }

    public void SetDynamicRange(float min, float max)
    {
        Network.ThrowIfDisposed();
        if (!float.IsFinite(min) || !float.IsFinite(max) || min > max)
        {
            throw Network.Journal.Failure("ITensor::setDynamicRange", Refusal.Argument("Parameter check failed, condition: min and max are finite and min <= max."));
        }

        range = (min, max);
    }

    public bool DynamicRangeIsSet()
    {
        Network.ThrowIfDisposed();
        return range is not null;
    }

    public void ResetDynamicRange()
    {
        Network.ThrowIfDisposed();
        range = null;
    }

    public void SetDimensionName(int index, string? name)
    {
        const string method = "ITensor::setDimensionName";
        Network.ThrowIfDisposed();
        if (Producer is not null)
        {
            Network.Journal.BadParameter(method, "isNetworkInput()");
        }
        else if (HasDimension(index, method) && !Network.Journal.IsTooLong(method, name))
        {
            dimensionNames[index] = name;
            Network.InvalidateInputs();
        }
    }

    public string? GetDimensionName(int index)
    {
        Network.ThrowIfDisposed();
        return HasDimension(index, "ITensor::getDimensionName") ? dimensionNames[index] : null;
    }

    private bool HasDimension(int index, string method)
    {
        int count = Dimensions.NbDims;
        bool has = (uint)index < (uint)Math.Max(count, 0);
        if (!has)
        {
            Network.Journal.BadParameter(method, $"(0) <= (index) && (index) < (getDimensions().nbDims). The index is {index}, {name} has {count} dimensions");
        }

        return has;
    }

    public override string ToString() => name;
}
