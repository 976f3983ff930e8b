using Trt.Interop;

namespace Trt.Utils;

/// <summary>Makes optimization profiles from the options and the network's inputs, and checks them in sentences before the library does.</summary>
internal sealed class ProfileOptions(BuildWork work, INetworkDefinition network)
{
    private readonly List<string> refusals = [];
    private readonly List<ITensor> inputs = [.. Enumerable.Range(0, network.NbInputs).Select(network.GetInput)];

    /// <summary>Adds all profiles to the configuration; one is made when none is given.</summary>
    /// <returns>The profiles as they were made, complete.</returns>
    /// <exception cref="BuildRefusedException">A profile does not fit the network.</exception>
    public IReadOnlyList<ShapeProfile> Apply()
    {
        IReadOnlyList<ShapeProfile> asked = work.Options.Profiles.Count > 0 ? work.Options.Profiles : [new ShapeProfile()];
        List<ShapeProfile> complete = [.. asked.Select((profile, number) => Complete(profile, $"profile {number}"))];
        ShapeProfile? calibration = work.Options.CalibrationShapes is { } shapes ? Complete(shapes, "CalibrationShapes") : null;
        int calibrated = work.Options.CalibrationProfile;
        if (calibrated < 0 || calibrated >= complete.Count)
        {
            refusals.Add($"CalibrationProfile = {calibrated}: there are {complete.Count} profiles, counted from 0.");
        }

        if (refusals.Count > 0)
        {
            throw new BuildRefusedException(refusals);
        }

        foreach (ShapeProfile profile in complete)
        {
            if (work.Config.AddOptimizationProfile(Make(profile)) < 0)
            {
                throw new BuildRefusedException($"{work.Library} refuses the profile {string.Join(", ", profile.Select(entry => $"{entry.Key}: {entry.Value}"))}.");
            }
        }

        if (calibration is not null || calibrated > 0)
        {
            work.Config.CalibrationProfile = Make(calibration ?? complete[calibrated]);
        }

        return complete;
    }

    private ShapeProfile Complete(ShapeProfile asked, string where)
    {
        foreach (string name in asked.Inputs.Where(name => !inputs.Any(input => new NamePattern(name).Matches(input.Name))))
        {
            refusals.Add($"{where} names \"{name}\", which is no input of the network; its inputs are {NetworkOptions.Nearest(name, inputs.Select(input => input.Name))}.");
        }

        ShapeProfile complete = new() { ExtraMemoryTarget = asked.ExtraMemoryTarget };
        foreach (ITensor input in inputs)
        {
            Dims dims = input.Dimensions;
            if (!asked.TryGet(input.Name, out ShapeRange? range)
                && !(asked.Inputs.LastOrDefault(name => new NamePattern(name).Matches(input.Name)) is { } pattern && asked.TryGet(pattern, out range)))
            {
                if (input.IsShapeTensor)
                {
                    refusals.Add($"{where} has no values for \"{input.Name}\", which decides shapes. Give its least, usual and greatest values: [\"{input.Name}\"] = new([…], […], […]).");
                    continue;
                }

                range = Default(input, dims, where);
            }
            else if (input.IsShapeTensor ? range.Opt.Count != dims.Volume : range.Opt.Count != dims.NbDims)
            {
                refusals.Add(input.IsShapeTensor
                    ? $"{where} gives {range.Opt.Count} values for \"{input.Name}\", which has {dims.Volume}."
                    : $"{where} gives \"{input.Name}\" {range.Opt.Count} axes, but its shape in the network is {dims}.");
                continue;
            }
            else if (!input.IsShapeTensor)
            {
                CheckExtents(input, dims, range, where);
            }

            complete[input.Name] = range;
        }

        return complete;
    }

    private void CheckExtents(ITensor input, Dims dims, ShapeRange range, string where)
    {
        for (int axis = 0; axis < dims.NbDims; axis++)
        {
            if (dims[axis] >= 0 && (range.Min[axis] != dims[axis] || range.Max[axis] != dims[axis]))
            {
                refusals.Add($"{where} gives axis {axis} of \"{input.Name}\" {range.Min[axis]} to {range.Max[axis]}, but the network fixes it to {dims[axis]}.");
            }
            else if (range.Min[axis] < 0)
            {
                refusals.Add($"{where} gives axis {axis} of \"{input.Name}\" the extent {range.Min[axis]}; extents are 0 or more.");
            }
        }
    }

    /// <summary>Static extents from the network; unknown ones by name, else by the default rule.</summary>
    private ShapeRange Default(ITensor input, Dims dims, string where)
    {
        bool named = work.Library.Supports("ITensor.getDimensionName");
        long[] min = dims.ToArray(), opt = dims.ToArray(), max = dims.ToArray();
        List<int> guessed = [];
        for (int axis = 0; axis < dims.NbDims; axis++)
        {
            if (dims[axis] >= 0)
            {
                continue;
            }

            ExtentRange range = work.Options.DynamicExtents ?? 1;
            if (named && input.GetDimensionName(axis) is { } name && work.Options.NamedExtents.TryGetValue(name, out ExtentRange byName))
            {
                range = byName;
            }
            else if (axis == 0 && work.Options.Batch is { } batch)
            {
                range = batch;
            }
            else if (work.Options.DynamicExtents is null)
            {
                if (work.SuggestedShapes.GetValueOrDefault(input.Name) is { } suited && suited.Opt.Count == dims.NbDims)
                {
                    range = new ExtentRange(suited.Min[axis], suited.Opt[axis], suited.Max[axis]);
                }
                else
                {
                    guessed.Add(axis);
                }
            }

            (min[axis], opt[axis], max[axis]) = (range.Min, range.Opt, range.Max);
        }

        if (guessed.Count > 0)
        {
            work.Warn($"{where}: nobody said how large axis {string.Join(" and ", guessed)} of \"{input.Name}\" ({dims}) gets, so that it is 1. Give Profiles, Batch, NamedExtents or DynamicExtents.");
        }

        try
        {
            return new ShapeRange(min, opt, max);
        }
        catch (ArgumentException error)
        {
            refusals.Add($"{where}, input \"{input.Name}\": {error.Message}");
            return new ShapeRange(opt);
        }
    }

    private IOptimizationProfile Make(ShapeProfile profile)
    {
        IOptimizationProfile made = work.Builder.CreateOptimizationProfile();
        foreach (ITensor input in inputs)
        {
            ShapeRange range = profile[input.Name];
            Set(OptProfileSelector.Min, range.Min);
            Set(OptProfileSelector.Opt, range.Opt);
            Set(OptProfileSelector.Max, range.Max);

            void Set(OptProfileSelector point, IReadOnlyList<long> numbers)
            {
                if (!input.IsShapeTensor)
                {
                    made.SetDimensions(input.Name, point, [.. numbers]);
                }
                else if (work.Library.Supports("IOptimizationProfile.setShapeValuesV2"))
                {
                    made.SetShapeValuesV2(input.Name, point, [.. numbers]);
                }
                else
                {
                    made.SetShapeValues(input.Name, point, [.. numbers.Select(number => checked((int)number))]);
                }
            }
        }

        if (profile.ExtraMemoryTarget is { } target)
        {
            made.ExtraMemoryTarget = target;
        }

        return made;
    }
}
