using Trt.Interop;

namespace Trt.Utils;

/// <summary>An input of a model builder.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Dimensions">Its shape; −1 where the network leaves an extent open.</param>
/// <param name="Min">The smallest shape of a profile that suits the model.</param>
/// <param name="Opt">The usual shape.</param>
/// <param name="Max">The largest shape. Another profile is as good as far as the model allows.</param>
public sealed record ModelInput(string Name, DataType Type, Dims Dimensions, Dims Min, Dims Opt, Dims Max)
{
    /// <summary>Whether an extent is open, so that a build needs a profile.</summary>
    public bool IsDynamic => !Dimensions.IsStatic;

    /// <summary>Sets this input's shapes in a profile.</summary>
    /// <param name="profile">A profile of the builder.</param>
    public void AddTo(IOptimizationProfile profile)
    {
        ArgumentNullException.ThrowIfNull(profile);
        profile.SetDimensions(Name, OptProfileSelector.Min, Min);
        profile.SetDimensions(Name, OptProfileSelector.Opt, Opt);
        profile.SetDimensions(Name, OptProfileSelector.Max, Max);
    }

    /// <summary>An input with a range for each axis, which counts where the extent is open.</summary>
    internal static ModelInput Of(string name, DataType type, Dims dimensions, params ReadOnlySpan<(long Min, long Opt, long Max)> ranges)
    {
        Dims min = dimensions;
        Dims opt = dimensions;
        Dims max = dimensions;
        for (int axis = 0; axis < dimensions.NbDims; axis++)
        {
            if (dimensions[axis] < 0)
            {
                (min[axis], opt[axis], max[axis]) = ranges[axis];
            }
        }

        return new ModelInput(name, type, dimensions, min, opt, max);
    }
}
