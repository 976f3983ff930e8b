using System.Runtime.InteropServices;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>Profiles that allow the shape of calibration batches, and no other.</summary>
internal static class CalibrationShapes
{
    /// <summary>Whether a network has inputs for which a profile must say something.</summary>
    public static bool AreOpen(INetworkDefinition network) =>
        Enumerable.Range(0, network.NbInputs).Select(network.GetInput).Any(input => !input.Dimensions.IsStatic || input.IsShapeTensor);

    /// <summary>Makes a profile for the batches of a feed, the first of which is there.</summary>
    public static IOptimizationProfile Profile(IBuilder builder, INetworkDefinition network, CalibrationFeed feed)
    {
        IOptimizationProfile profile = builder.CreateOptimizationProfile();
        for (int i = 0; i < network.NbInputs; i++)
        {
            ITensor input = network.GetInput(i);
            foreach (OptProfileSelector point in (ReadOnlySpan<OptProfileSelector>)[OptProfileSelector.Min, OptProfileSelector.Opt, OptProfileSelector.Max])
            {
                profile.SetDimensions(input.Name, point, feed.Shapes[i]);
                if (input.IsShapeTensor)
                {
                    SetValues(profile, input, point, feed.Batch[i]);
                }
            }
        }

        return profile;
    }

    /// <summary>An input whose values are a shape: those of the first batch are the only ones.</summary>
    private static void SetValues(IOptimizationProfile profile, ITensor input, OptProfileSelector point, byte[] values)
    {
        if (input.Type == DataType.Int64)
        {
            profile.SetShapeValuesV2(input.Name, point, MemoryMarshal.Cast<byte, long>(values));
        }
        else if (input.Type == DataType.Int32)
        {
            profile.SetShapeValues(input.Name, point, MemoryMarshal.Cast<byte, int>(values));
        }
    }
}
