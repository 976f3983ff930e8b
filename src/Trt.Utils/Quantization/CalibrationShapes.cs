using Trt.Interop;

namespace Trt.Utils;

/// <summary>Profiles that allow the shape of calibration batches, and no other.</summary>
internal static class CalibrationShapes
{
    public static IOptimizationProfile Profile(IBuilder builder, INetworkDefinition network, CalibrationFeed feed)
    {
        IOptimizationProfile profile = builder.CreateOptimizationProfile();
        for (int i = 0; i < network.NbInputs; i++)
        {
            foreach (OptProfileSelector point in (ReadOnlySpan<OptProfileSelector>)[OptProfileSelector.Min, OptProfileSelector.Opt, OptProfileSelector.Max])
            {
                profile.SetDimensions(network.GetInput(i).Name, point, feed.Shapes[i]);
            }
        }

        return profile;
    }
}
