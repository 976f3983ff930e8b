using System.Collections.Immutable;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>Which optimization profile a run takes, and what is said when none allows it.</summary>
/// <param name="engine">What messages call the engine.</param>
/// <param name="count">The number of profiles.</param>
internal sealed class ProfileTable(string engine, int count)
{
    /// <summary>The number of profiles.</summary>
    public int Count => count;

    /// <summary>Whether all profiles have the same range.</summary>
    public bool AreAlike(IEnumerable<TensorSpec> inputs) => inputs.All(input => Enumerable.Range(1, count - 1).All(profile =>
        input.MinShape(profile) == input.MinShape(0) && input.MaxShape(profile) == input.MaxShape(0)
        && (input.Values(0) is not var (least, greatest) || (input.Values(profile) is var (otherLeast, otherGreatest) && least.SequenceEqual(otherLeast) && greatest.SequenceEqual(otherGreatest)))));

    /// <summary>The profile for shapes: the wanted one, or of those that allow them the one with the nearest optimum; among equals the first.</summary>
    /// <param name="inputs">The inputs with their shapes.</param>
    /// <param name="wanted">The only one that will do, or null.</param>
    /// <param name="kept">One that is taken if it allows the shapes, or −1.</param>
    /// <exception cref="ArgumentException">None allows them; the message names tensor, extent and range.</exception>
    public int Choose(ReadOnlySpan<InferenceTensor> inputs, int? wanted, int kept = -1)
    {
        if (wanted is null && kept >= 0 && Fits(kept, inputs))
        {
            return kept;
        }

        if (wanted is { } only)
        {
            return Fits(only, inputs) ? only : throw Refusal(inputs, only);
        }

        int best = -1;
        double nearest = double.PositiveInfinity;
        for (int profile = 0; profile < count; profile++)
        {
            if (Fits(profile, inputs))
            {
                double distance = count == 1 ? 0 : Distance(profile, inputs);
                if (distance < nearest)
                {
                    (best, nearest) = (profile, distance);
                }
            }
        }

        return best >= 0 ? best : throw Refusal(inputs, count == 1 ? 0 : null);
    }

    private static bool Fits(int profile, ReadOnlySpan<InferenceTensor> inputs)
    {
        foreach (InferenceTensor input in inputs)
        {
            if (input.Spec.IsDynamic && Misfit(input, profile) is not null)
            {
                return false;
            }

            if (input.Spec.IsOnHost && WrongValue(input, profile) >= 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Doublings and halvings between the shapes and the profile's optimum.</summary>
    private static double Distance(int profile, ReadOnlySpan<InferenceTensor> inputs)
    {
        double sum = 0;
        foreach (InferenceTensor input in inputs)
        {
            Dims optimum = input.Spec.OptShape(profile);
            for (int axis = 0; axis < optimum.NbDims; axis++)
            {
                sum += Math.Abs(Math.Log2((input.CurrentShape[axis] + 1.0) / (optimum[axis] + 1.0)));
            }
        }

        return sum;
    }

    /// <summary>Whether the shape is above the profile's greatest (true), below its smallest (false), or inside (null).</summary>
    private static bool? Misfit(InferenceTensor input, int profile)
    {
        Dims least = input.Spec.MinShape(profile);
        Dims greatest = input.Spec.MaxShape(profile);
        for (int axis = 0; axis < greatest.NbDims; axis++)
        {
            if (input.CurrentShape[axis] > greatest[axis])
            {
                return true;
            }

            if (input.CurrentShape[axis] < least[axis])
            {
                return false;
            }
        }

        return null;
    }

    /// <summary>The first value of a shape tensor that the profile does not allow, or −1.</summary>
    private static int WrongValue(InferenceTensor input, int profile)
    {
        if (input.Spec.Values(profile) is var (least, greatest))
        {
            long amount = Math.Min(input.HostValueCount, least.Length);
            for (int i = 0; i < amount; i++)
            {
                long value = input.HostValue(i);
                if (value < least[i] || value > greatest[i])
                {
                    return i;
                }
            }
        }

        return -1;
    }

    private ArgumentException Refusal(ReadOnlySpan<InferenceTensor> inputs, int? profile)
    {
        foreach (InferenceTensor input in inputs)
        {
            if (input.Spec.IsDynamic && Enumerable.Range(profile ?? 0, profile is null ? count : 1).All(i => Misfit(input, i) is not null))
            {
                return new ArgumentException($"Input \"{input.Name}\" has shape {ShapeText.Of(input.CurrentShape)}, but {Allowed(input, profile)}. {Remedy(input, profile)}");
            }

            if (input.Spec.IsOnHost && Enumerable.Range(profile ?? 0, profile is null ? count : 1).All(i => WrongValue(input, i) >= 0))
            {
                int element = WrongValue(input, profile ?? 0);
                (ImmutableArray<long> least, ImmutableArray<long> greatest) = input.Spec.Values(profile ?? 0)!.Value;
                return new ArgumentException($"Input \"{input.Name}\" has value {input.HostValue(element)} at {element}, but profile {profile ?? 0} of {engine} allows {least[element]} to {greatest[element]}. Rebuild with a profile that allows the value.");
            }
        }

        string[] given = [.. inputs.ToArray().Where(input => input.Spec.IsDynamic).Select(input => $"{input.Name}:{ShapeText.Of(input.CurrentShape)}")];
        return new ArgumentException($"No profile of {engine} allows {string.Join(", ", given)} together, though each is allowed by itself. Rebuild with a profile for these shapes.");
    }

    private string Allowed(InferenceTensor input, int? profile) => profile switch
    {
        null => $"no profile of {engine} allows it: " + string.Join(", ", Enumerable.Range(0, count).Select(i => $"profile {i} takes {ShapeText.Of(input.Spec.MinShape(i))} to {ShapeText.Of(input.Spec.MaxShape(i))}")),
        { } one when Misfit(input, one) == true => $"profile {one} of {engine} allows at most {ShapeText.Of(input.Spec.MaxShape(one))}",
        { } one => $"profile {one} of {engine} allows at least {ShapeText.Of(input.Spec.MinShape(one))}",
    };

    private string Remedy(InferenceTensor input, int? profile)
    {
        string shape = $"{input.Name}:{ShapeText.Of(input.CurrentShape)}";
        string other = profile is { } one && count > 1 && Enumerable.Range(0, count).FirstOrDefault(i => i != one && Misfit(input, i) is null, -1) is >= 0 and int fitting
            ? $"Profile {fitting} allows it; or rebuild"
            : "Rebuild";
        return $"{other} with {(profile is { } chosen && Misfit(input, chosen) == false ? "--min-shapes" : "--max-shapes")} {shape}.";
    }
}
