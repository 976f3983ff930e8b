using System.Text.Json;
using Trt.Interop;

namespace Trt.Tests.Goldens;

/// <summary>The optimization profiles of a case.</summary>
internal static class CaseProfiles
{
    /// <summary>Adds them to the configuration.</summary>
    public static void Add(JsonElement test, IBuilder builder, IBuilderConfig config)
    {
        Dictionary<string, (bool IsShape, DataType Type)> inputs = test.GetProperty("inputs").EnumerateArray().ToDictionary(
            input => input.GetProperty("name").GetString()!, input => (input.TryGetProperty("shape", out JsonElement shape) && shape.GetBoolean(), CaseValues.Enumerator<DataType>(input.GetProperty("type"))));
        foreach (JsonElement entry in test.GetProperty("profiles").EnumerateArray())
        {
            IOptimizationProfile profile = builder.CreateOptimizationProfile();
            foreach (JsonProperty input in entry.EnumerateObject())
            {
                for (int point = 0; point < 3; point++)
                {
                    long[] values = [.. input.Value[point].EnumerateArray().Select(value => value.GetInt64())];
                    if (!inputs.TryGetValue(input.Name, out (bool IsShape, DataType Type) declared) || !declared.IsShape)
                    {
                        profile.SetDimensions(input.Name, (OptProfileSelector)point, new Dims(values));
                    }
                    else
                    {
                        SetShapeValues(profile, input.Name, (OptProfileSelector)point, declared.Type, values);
                    }
                }
            }

            try
            {
                config.AddOptimizationProfile(profile);
            }
            catch (TensorRtException)
            {
                // As when the goldens were made: the case goes on without the profile.
            }
        }
    }

    private static void SetShapeValues(IOptimizationProfile profile, string name, OptProfileSelector point, DataType type, long[] values)
    {
        if (type == DataType.Int32)
        {
            try
            {
                profile.SetShapeValues(name, point, Array.ConvertAll(values, value => (int)value));
                return;
            }
            catch (NotInThisReleaseException)
            {
                // The newest releases have only the method that takes 64-bit values.
            }
        }

        profile.SetShapeValuesV2(name, point, values);
    }
}
