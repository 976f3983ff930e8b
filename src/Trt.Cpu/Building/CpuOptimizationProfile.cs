using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Shapes and shape values that an engine must serve: least, usual and greatest for each input.</summary>
internal sealed class CpuOptimizationProfile(Journal journal) : IOptimizationProfile
{
    private readonly Dictionary<string, Dims?[]> shapes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long[]?[]> values = new(StringComparer.Ordinal);
    private float extraMemory = 1;

    public float ExtraMemoryTarget
    {
        get => extraMemory;
        set
        {
            if (value is >= 0 and <= 1)
            {
                extraMemory = value;
            }
            else
            {
                throw journal.Failure("IOptimizationProfile::setExtraMemoryTarget", Refusal.Argument($"Parameter check failed, condition: target is 0 to 1. It is {value}."));
            }
        }
    }

    public bool IsValid
    {
        get
        {
            string[] wrong = [.. shapes.Where(entry => !IsOrdered(entry.Value)).Select(entry => entry.Key), .. values.Where(entry => !IsOrdered(entry.Value)).Select(entry => entry.Key)];
            if (wrong.Length > 0)
            {
                journal.Refused("IOptimizationProfile::isValid", Refusal.Api($"The optimization profile is not valid for inputs {string.Join(", ", wrong)}: all of MIN, OPT and MAX must be set, with MIN<=OPT<=MAX."));
            }

            return wrong.Length == 0;
        }
    }

    public void SetDimensions(string inputName, OptProfileSelector select, Dims dims)
    {
        ArgumentNullException.ThrowIfNull(inputName);
        Check(inputName, select, "setDimensions");
        if (dims.NbDims is < 0 or > Dims.MaxDims || !dims.IsStatic)
        {
            throw journal.Failure("IOptimizationProfile::setDimensions", Refusal.Argument($"Parameter check failed, condition: dims has no negative number. Input {inputName} has {Extents.Text(dims)}."));
        }

        Entry(shapes, inputName)[(int)select] = dims;
    }

    public Dims GetDimensions(string inputName, OptProfileSelector select)
    {
        ArgumentNullException.ThrowIfNull(inputName);
        return IsSelector(select) && shapes.TryGetValue(inputName, out Dims?[]? points) ? points[(int)select] ?? Dims.Unknown : Dims.Unknown;
    }

    public void SetShapeValues(string inputName, OptProfileSelector select, ReadOnlySpan<int> values) =>
        SetValues(inputName, select, Array.ConvertAll(values.ToArray(), value => (long)value), "setShapeValues");

    public int GetNbShapeValues(string inputName)
    {
        ArgumentNullException.ThrowIfNull(inputName);
        return values.TryGetValue(inputName, out long[]?[]? points) ? points.FirstOrDefault(point => point is not null)?.Length ?? -1 : -1;
    }

    public int[]? GetShapeValues(string inputName, OptProfileSelector select) =>
        GetShapeValuesV2(inputName, select) is { } found ? Array.ConvertAll(found, value => checked((int)value)) : null;

    public void SetShapeValuesV2(string inputName, OptProfileSelector select, ReadOnlySpan<long> values) => SetValues(inputName, select, values.ToArray(), "setShapeValuesV2");

    public long[]? GetShapeValuesV2(string inputName, OptProfileSelector select)
    {
        ArgumentNullException.ThrowIfNull(inputName);
        return IsSelector(select) && values.TryGetValue(inputName, out long[]?[]? points) ? (long[]?)points[(int)select]?.Clone() : null;
    }

    private static bool IsSelector(OptProfileSelector select) => select is >= OptProfileSelector.Min and <= OptProfileSelector.Max;

    private static bool IsOrdered(Dims?[] points) => points is [{ } least, { } usual, { } greatest]
        && IsOrdered([least.ToArray(), usual.ToArray(), greatest.ToArray()]);

    private static bool IsOrdered(long[]?[] points) => points is [{ } least, { } usual, { } greatest] && least.Length == usual.Length && usual.Length == greatest.Length
        && least.Zip(usual).All(pair => pair.First <= pair.Second) && usual.Zip(greatest).All(pair => pair.First <= pair.Second);

    private static T[] Entry<T>(Dictionary<string, T[]> entries, string name)
    {
        if (!entries.TryGetValue(name, out T[]? points))
        {
            entries.Add(name, points = new T[3]);
        }

        return points;
    }

    private void SetValues(string inputName, OptProfileSelector select, long[] list, string setter)
    {
        ArgumentNullException.ThrowIfNull(inputName);
        Check(inputName, select, setter);
        Entry(values, inputName)[(int)select] = list;
    }

    private void Check(string inputName, OptProfileSelector select, string setter)
    {
        journal.ThrowIfTooLong($"IOptimizationProfile::{setter}", inputName);
        if (!IsSelector(select))
        {
            throw journal.Failure($"IOptimizationProfile::{setter}", Refusal.Argument("Parameter check failed, condition: select is an enumerator of OptProfileSelector."));
        }
    }
}
