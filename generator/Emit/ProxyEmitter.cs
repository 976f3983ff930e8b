namespace Trt.Generator.Emit;

/// <summary>The managed class in front of native objects of a class.</summary>
internal sealed class ProxyEmitter(ApiUnion union)
{
    public void Emit(CodeWriter writer, ClassPlan plan)
    {
        UnionClass item = plan.Class;
        bool hasDerived = union.Classes.Any(other => other.Parent == item);
        string name = ProxyName(item);
        string parent = item.Parent is null ? "NativeObject" : ProxyName(item.Parent);
        writer.Line($"/// <summary>A native {item.Name}.</summary>");
        writer.Open($"internal {(hasDerived ? "class" : "sealed class")} {name} : {parent}, {item.Name}");
        PropertyPlan[] stored = [.. plan.Properties.Where(property => property.Getter.IsTrivial)];
        foreach (PropertyPlan property in stored)
        {
            writer.Line($"private unsafe void* stored{property.Name};");
        }

        if (stored.Length > 0)
        {
            writer.Line();
        }

        writer.Line($"public unsafe {name}(TensorRtLibrary library, void* self, NativeObject? parent, Ownership ownership, int levels = {item.Levels})");
        writer.Line("    : base(library, self, parent, ownership, levels)");
        writer.Open();
        writer.Close();
        writer.Line();
        writer.Line(item.HasDestroy
            ? $"private protected override int DestructorMember => HasMember(Core.Members.{DestroyConstant(item)}) ? Core.Members.{DestroyConstant(item)} : Core.Members.{DestructorConstant(item)};"
            : $"private protected override int DestructorMember => Core.Members.{(item.Chain.Any(ancestor => ancestor.Name == "IPluginV2") ? "IPluginV2_destroy" : DestructorConstant(item))};");
        if (union.Classes.Any(other => other.Parent == item && PlainMember(other) is not null))
        {
            writer.Line();
            writer.Line("/// <summary>The class's name where the release does not derive it from this one; its slots are other functions then.</summary>");
            writer.Line("private protected virtual string? PlainName => null;");
        }

        if (PlainMember(item) is { } plain)
        {
            writer.Line();
            writer.Line($"private protected override unsafe string? PlainName => (Table[Core.Members.{MemberConstant(plain)}] & SlotTables.SlotMask) == 0 ? \"{item.Name}\" : null;");
        }

        if (stored.Length > 0)
        {
            writer.Line();
            writer.Open("private protected override unsafe void ForgetFunctions()");
            writer.Line("base.ForgetFunctions();");
            foreach (PropertyPlan property in stored)
            {
                writer.Line($"stored{property.Name} = null;");
            }

            writer.Close();
        }

        foreach (PropertyPlan property in plan.Properties)
        {
            writer.Line();
            string hides = InterfaceEmitter.Hides(item, Naming.Member(property.Getter.Member.Name), 0) ? "new " : string.Empty;
            writer.Open($"public {hides}unsafe {property.Type} {property.Name}");
            Comment(writer, property.Getter);
            if (property.Getter.IsTrivial && property.Type == "Dims")
            {
                // Inlined, its result would be copied once more, and wide.
                writer.Line("[MethodImpl(MethodImplOptions.NoInlining)]");
            }

            writer.Open("get");
            if (property.Getter.IsTrivial)
            {
                Stored(writer, property.Getter, property.Name);
            }
            else
            {
                Body(writer, property.Getter, false, null);
            }

            writer.Close();
            if (property.Setter is not null)
            {
                writer.Line();
                Comment(writer, property.Setter);
                writer.Open("set");
                Body(writer, property.Setter, false, "value");
                writer.Close();
            }

            writer.Close();
        }

        foreach (PropertyPlan property in plan.Properties.Where(property => property.Getter.IsTrivial))
        {
            writer.Line();
            writer.Line("[MethodImpl(MethodImplOptions.NoInlining)]");
            writer.Open($"private unsafe {property.Type} {property.Name}Slowly()");
            Slowly(writer, property.Getter, property.Name);
            writer.Close();
        }

        foreach (MemberPlan method in plan.Methods)
        {
            if (method.IsTrivial)
            {
                throw method.Error("is marked trivial but is no getter");
            }

            writer.Line();
            Comment(writer, method);
            string hides = InterfaceEmitter.Hides(item, method.CsName, method.Best.Public.Parameters.Count) ? "new " : string.Empty;
            writer.Open($"public {hides}unsafe {method.Return.Managed} {method.CsName}({InterfaceEmitter.Signature(method, true)})");
            Body(writer, method, false, null);
            writer.Close();
            if (hides.Length > 0)
            {
                // As in C++: through the base the base's function is called.
                UnionClass hidden = item.Chain.SkipLast(1).Last(ancestor => ancestor.Members.Any(member => Naming.Member(member.Name) == method.CsName));
                writer.Line();
                writer.Line($"{method.Return.Managed} {hidden.Name}.{method.CsName}({InterfaceEmitter.Signature(method, false)}) => base.{method.CsName}({string.Join(", ", method.Visible.Select(parameter => parameter.Name))});");
            }

            if (method.Rule.Hot == "true")
            {
                writer.Line();
                writer.Open($"public {hides}unsafe {method.Return.Managed} {method.CsName}({InterfaceEmitter.Signature(method, false, parameter => parameter.Form == ParameterForm.String ? "ReadOnlySpan<byte>" : null!)})");
                Body(writer, method, true, null);
                writer.Close();
            }
        }

        writer.Close();
    }

    /// <summary>The function in the first slot of a class that some releases derive from its base and others do not; null for the rest.</summary>
    private static UnionMember? PlainMember(UnionClass item) => item.Parent is { } parent && item.Models.Any(pair => pair.Value.Base is null && parent.Models.ContainsKey(pair.Key))
        ? item.Members.First(member => member.Bindings.All(pair => pair.Value.Linux == 0 == (item.Models[pair.Key].Base is null)))
        : null;

    public static string ProxyName(UnionClass item) => (item.Namespace == "Trt.Interop" ? string.Empty : Naming.Folder(item.Namespace)) + item.Name[1..] + "Proxy";

    public static string ClassConstant(UnionClass item) => item.Namespace == "Trt.Interop" ? item.Name : Naming.Folder(item.Namespace) + "_" + item.Name;

    public static string DestructorConstant(UnionClass item) => ClassConstant(item) + "_destructor";

    public static string DestroyConstant(UnionClass item) => ClassConstant(item) + "_destroy";

    public static string MemberConstant(UnionMember member) => member.Owner.Namespace == "Trt.Interop" ? member.Constant : Naming.Folder(member.Owner.Namespace) + "_" + member.Constant;

    private static void Comment(CodeWriter writer, MemberPlan plan) =>
        writer.Line($"// {(plan.Best.Level == 0 ? "vtable" : plan.Best.Native.Name)} slot {plan.Best.Linux}/{plan.Best.Msvc} in {plan.Model.Release}: {plan.CppDeclaration}");

    /// <summary>A getter of a stored value: its function is looked up once an object, and called without a transition to native code.</summary>
    private static void Stored(CodeWriter writer, MemberPlan plan, string name)
    {
        writer.Line($"void* function = stored{name};");
        writer.Open("if (function is not null)");
        if (plan.Return.Managed == "Dims")
        {
            writer.Line($"Dims stored = {StoredCall(plan, "function", Level(plan))};");
            writer.Line("return Dims.InPieces(&stored);");
        }
        else
        {
            writer.Line($"return {StoredCall(plan, "function", Level(plan))};");
        }

        writer.Close();
        writer.Line();
        writer.Line($"return {name}Slowly();");
    }

    /// <summary>The first call of such a getter, or one that may lead to user code.</summary>
    private static void Slowly(CodeWriter writer, MemberPlan plan, string name)
    {
        writer.Open($"if ({Level(plan)} is not null && Table[Core.Members.{MemberConstant(plan.Member)}] <= SlotTables.SlotMask)");
        writer.Line($"stored{name} = (*(void***){Level(plan)})[Table[Core.Members.{MemberConstant(plan.Member)}]];");
        writer.Line($"return {StoredCall(plan, $"stored{name}", Level(plan))};");
        writer.Close();
        writer.Line();
        Body(writer, plan, false, null);
    }

    private static string StoredCall(MemberPlan plan, string function, string self)
    {
        string call = $"(({plan.Variants[0].Pointer(true)}){function})({self})";
        return plan.Return.Managed == "nint" ? $"(nint){call}" : ProxyArguments.ReturnCodec(plan, plan.Variants[0]).In(call, "Library");
    }

    private static string Level(MemberPlan plan) => plan.Best.Level switch { 0 => "Self", 1 => "P8", 2 => "P16", _ => "P24" };

    private static void Body(CodeWriter writer, MemberPlan plan, bool utf8, string? only)
    {
        string Name(ParameterPlan parameter) => only ?? parameter.Name;
        string Stem(ParameterPlan parameter) => only is null ? parameter.Stem : only;
        string id = "Core.Members." + MemberConstant(plan.Member);
        foreach (ParameterPlan parameter in plan.Parameters.Where(parameter => parameter.Form is ParameterForm.String or ParameterForm.Fields && !parameter.IsNullable && !(utf8 && parameter.Form == ParameterForm.String)))
        {
            writer.Line($"ArgumentNullException.ThrowIfNull({Name(parameter)});");
        }

        if (plan.Rule.Destroys == "true")
        {
            writer.Open("if (Ownership == Ownership.Owned)");
            writer.Line("Dispose();");
            writer.Line("return;");
            writer.Close();
            writer.Line();
        }

        writer.Line($"void* self = {Level(plan)};");
        writer.Open("if (self is null)");
        writer.Line("ThrowDisposed();");
        writer.Close();
        writer.Line();
        if (plan.Codecs.Union.Classes.Any(other => other.Parent == plan.Member.Owner && PlainMember(other) is not null))
        {
            writer.Open("if (PlainName is { } plain)");
            writer.Line($"throw NotInThisReleaseException.ForMember(\"{plan.Member.FullName}\", $\"{{plain}} of {{Library}}\");");
            writer.Close();
            writer.Line();
        }

        writer.Line($"ushort entry = Table[{id}];");
        writer.Open("if (entry == SlotTables.Absent)");
        if (plan.Longer is null)
        {
            writer.Line($"ThrowAbsent({id});");
        }
        else if (plan.Return.Managed == "void")
        {
            writer.Line($"{InterfaceEmitter.CallLonger(plan)};");
            writer.Line("return;");
        }
        else
        {
            writer.Line($"return {InterfaceEmitter.CallLonger(plan)};");
        }

        writer.Close();
        writer.Line();
        if (plan.Return.Form == ReturnForm.Lists)
        {
            Lists(writer, plan, id);
            return;
        }

        foreach (IGrouping<string, ParameterPlan> shared in plan.Parameters.Where(parameter => parameter.Form is ParameterForm.Span or ParameterForm.Strings or ParameterForm.Objects && parameter.Argument.Length > 0 && !parameter.Argument.StartsWith('=')).GroupBy(parameter => parameter.Argument))
        {
            ParameterPlan first = shared.First();
            foreach (ParameterPlan other in shared.Skip(1))
            {
                writer.Open($"if ({other.Name}.Length != {first.Name}.Length)");
                writer.Line($"throw new ArgumentException($\"{plan.Member.FullName}: {other.Stem} has {{{other.Name}.Length}} elements, but {first.Stem} has {{{first.Name}.Length}}.\", nameof({other.Name}));");
                writer.Close();
                writer.Line();
            }
        }

        if (plan.Rule.Guard is { } guard)
        {
            writer.Line($"{guard};");
        }

        foreach (ParameterPlan parameter in plan.Parameters.Where(parameter => parameter.Form == ParameterForm.Span && parameter.Argument.StartsWith("=this.", StringComparison.Ordinal)))
        {
            // Native code reads as many as it knows of, however short the span is.
            writer.Line($"long {parameter.Stem}Count = {System.Text.RegularExpressions.Regex.Replace(parameter.Argument[1..], @"\b(\w+)_\b", "$1")};");
            writer.Open($"if ({parameter.Name}.Length < {parameter.Stem}Count)");
            writer.Line($"throw new ArgumentException($\"{plan.Member.FullName}: {parameter.Stem} has {{{parameter.Name}.Length}} elements, but {{{parameter.Stem}Count}} are read.\", nameof({parameter.Name}));");
            writer.Close();
            writer.Line();
        }

        bool objects = plan.Parameters.Any(parameter => parameter.Form is ParameterForm.Object or ParameterForm.Objects);
        if (objects)
        {
            writer.Line("using ObjectArguments arguments = new(this);");
        }

        int blocks = 0;
        foreach (ParameterPlan parameter in plan.Parameters)
        {
            string stem = Stem(parameter);
            switch (parameter.Form)
            {
                case ParameterForm.String:
                    writer.Line($"Unsafe.SkipInit(out Utf8Buffer {stem}Buffer);");
                    writer.Line($"Utf8Argument {stem}Text = new({Name(parameter)}, (byte*)&{stem}Buffer);");
                    break;
                case ParameterForm.Strings:
                    writer.Line($"using Utf8ArrayArgument {stem}Texts = new({parameter.Name});");
                    break;
                case ParameterForm.Fields:
                    writer.Line($"using FieldsArgument {stem}Fields = new({Name(parameter)});");
                    break;
                case ParameterForm.Object:
                    writer.Line($"void* {stem}Address = arguments.{(parameter.IsNullable ? "Optional" : "Required")}({Name(parameter)}, ClassId.{ClassConstant(parameter.Class!)}, \"{parameter.Stem}\");");
                    break;
                case ParameterForm.Objects:
                    writer.Line($"using NativeBuffer<nint> {stem}Addresses = new({parameter.Name}.Length);");
                    writer.Open($"for (int i = 0; i < {parameter.Name}.Length; i++)");
                    writer.Line($"{stem}Addresses.Pointer[i] = (nint)arguments.Required({parameter.Name}[i], ClassId.{ClassConstant(parameter.Class!)}, \"{stem}\");");
                    writer.Close();
                    break;
                case ParameterForm.OutObject:
                    writer.Line($"void* {stem}Out = null;");
                    break;
                case ParameterForm.Out:
                    writer.Line($"{plan.Variants[0].Parameters[parameter.Index].TrimEnd('*')} {stem}Out = default;");
                    break;
                case ParameterForm.Bytes:
                    writer.Line($"fixed (byte* {stem}Pointer = {parameter.Name})");
                    blocks++;
                    writer.Open();
                    break;
                case ParameterForm.Span when ProxyArguments.IsDirect(plan, parameter):
                    writer.Line($"fixed ({ProxyArguments.ElementOf(plan, parameter, plan.Variants[0]).Managed}* {stem}Pointer = {parameter.Name})");
                    blocks++;
                    writer.Open();
                    break;
            }
        }

        ParameterPlan? countOut = plan.Return.Form == ReturnForm.Array && !plan.Return.Count.StartsWith('=') ? plan.Parameters.First(parameter => parameter.Cpp == plan.Return.Count) : null;
        if (countOut is not null)
        {
            writer.Line($"{plan.Variants[0].Parameters[countOut.Index].TrimEnd('*')} {countOut.Stem}Out = 0;");
        }

        if (plan.Return.Form == ReturnForm.Array && plan.Return.Count.StartsWith('='))
        {
            writer.Line($"long count = {plan.Return.Count[1..]};");
        }

        // Conversions inside the branches only where releases differ in what they return.
        bool sameReturn = plan.Variants.All(variant => variant.Returns == plan.Variants[0].Returns);
        string rawType = plan.Variants[0].Returns;
        bool hasResult = plan.Return.Form != ReturnForm.Void;
        if (hasResult)
        {
            writer.Line(sameReturn ? $"{rawType} raw;" : plan.Return.Form == ReturnForm.Success ? "byte raw;" : $"{plan.Return.Managed} raw;");
        }

        writer.Line("CallFrame frame;");
        if (plan.Variants.Count == 1)
        {
            Call(writer, plan, plan.Variants[0], sameReturn, Name, Stem);
        }
        else
        {
            writer.Open("switch ((entry >> SlotTables.VariantShift) & SlotTables.VariantMask)");
            foreach (Variant variant in plan.Variants)
            {
                writer.Line(variant.Number == plan.Variants.Count - 1 ? "default:" : $"case {variant.Number}:");
                writer.Open();
                Call(writer, plan, variant, sameReturn, Name, Stem);
                writer.Line("break;");
                writer.Close();
            }

            writer.Close();
        }

        writer.Line();
        string failed = plan.Return.Fails switch
        {
            "null" => plan.Return.Form == ReturnForm.String ? ", raw is null" : ", (nuint)raw < 4096",
            "false" => ", raw == 0",
            "negative" => ", raw < 0",
            _ => plan.Rule.Logged == "true" ? ", frame.HasErrors" : string.Empty,
        };
        if (plan.Return is { Form: ReturnForm.Object, IsOwned: true })
        {
            writer.Line($"{plan.Return.Managed.TrimEnd('?')}? made = Library.ObjectAt<{plan.Return.Managed.TrimEnd('?')}>(raw, ClassId.{ClassConstant(plan.Return.Class!)}, {(plan.Return.IsDetached ? "Parent ?? this" : "this")}, ObjectUse.Owned);");
            writer.Line($"frame.Leave(Library, {id}, made{failed});");
        }
        else
        {
            writer.Line($"frame.Leave(Library, {id}{failed});");
        }

        writer.Line("GC.KeepAlive(this);");
        foreach (ParameterPlan parameter in plan.Parameters)
        {
            if (parameter.Form == ParameterForm.String)
            {
                writer.Line($"GC.KeepAlive({Stem(parameter)}Text.Held);");
            }

            Keep(writer, plan, parameter, Name(parameter), Stem(parameter), id);
            switch (parameter.Form)
            {
                case ParameterForm.OutObject:
                    writer.Line($"{parameter.Name} = Library.ObjectAt<{Codecs.TypeName(parameter.Class!.Cpp)}>({Stem(parameter)}Out, ClassId.{ClassConstant(parameter.Class!)}, this, ObjectUse.Owned);");
                    break;
                case ParameterForm.Out:
                    writer.Line($"{parameter.Name} = {plan.Codecs.Value(plan.Variants[0].Model, parameter.Type with { Stars = 0, IsReference = false })!.In(Stem(parameter) + "Out", "Library")};");
                    break;
            }
        }

        Result(writer, plan, sameReturn, countOut);
        for (int i = 0; i < blocks; i++)
        {
            writer.Close();
        }
    }

    private static void Keep(CodeWriter writer, MemberPlan plan, ParameterPlan parameter, string name, string stem, string id)
    {
        if (parameter.Managed == "Weights")
        {
            writer.Line($"Owner?.KeepToo({name}.Owner);");
        }

        if (parameter.Form is not (ParameterForm.Object or ParameterForm.Objects))
        {
            return;
        }

        bool array = parameter.Form == ParameterForm.Objects;
        if (parameter.Role.Contains("keep too", StringComparison.Ordinal))
        {
            writer.Line($"Owner?.KeepToo(arguments.Holder({name}));");
        }
        else if (parameter.Role.Contains("keep by name", StringComparison.Ordinal))
        {
            writer.Line($"Owner?.Keep((this, {id}, {plan.Visible.First(other => other.Form == ParameterForm.String).Name}), arguments.Holder({name}));");
        }
        else if (parameter.Role.Contains("keep with result", StringComparison.Ordinal))
        {
            writer.Line($"(made as NativeObject)?.KeepToo(arguments.Holder({name}));");
        }
        else if (parameter.Role.Contains("keep", StringComparison.Ordinal))
        {
            writer.Line($"Owner?.Keep((this, {id}), arguments.Holder({name}));");
        }
        else if (!array)
        {
            writer.Line($"GC.KeepAlive({name});");
        }
    }

    private static void Call(CodeWriter writer, MemberPlan plan, Variant variant, bool sameReturn, Func<ParameterPlan, string> name, Func<ParameterPlan, string> stem)
    {
        IReadOnlyList<string> arguments = ProxyArguments.Convert(writer, plan, variant, name, stem);
        writer.Line("frame = CallFrame.Enter(this);");
        string call = $"(({variant.Pointer(false)})(*(void***)self)[entry & SlotTables.SlotMask])({string.Join(", ", arguments.Prepend("self"))})";
        if (plan.Return.Form == ReturnForm.Void)
        {
            writer.Line($"{call};");
        }
        else if (sameReturn)
        {
            writer.Line($"raw = {call};");
        }
        else if (variant.Returns == "void")
        {
            writer.Line($"{call};");
            writer.Line("raw = 1;");
        }
        else if (plan.Return.Form == ReturnForm.Success)
        {
            writer.Line($"raw = {call};");
        }
        else
        {
            writer.Line($"raw = {ProxyArguments.ReturnCodec(plan, variant).In(call, "Library")};");
        }

        foreach (ParameterPlan parameter in plan.Parameters.Where(parameter => parameter is { Form: ParameterForm.Span, IsReadOnly: false } && !ProxyArguments.IsDirect(plan, parameter)))
        {
            Codec codec = ProxyArguments.ElementOf(plan, parameter, variant);
            writer.Open($"for (int i = 0; i < {parameter.Name}.Length; i++)");
            writer.Line($"{parameter.Name}[i] = {codec.In($"{parameter.Stem}Buffer.Pointer[i]", "Library")};");
            writer.Close();
        }
    }

    private static void Result(CodeWriter writer, MemberPlan plan, bool sameReturn, ParameterPlan? countOut)
    {
        ReturnPlan plan2 = plan.Return;
        switch (plan2.Form)
        {
            case ReturnForm.Void or ReturnForm.Success:
                break;
            case ReturnForm.String:
                writer.Line($"return Marshalling.{(plan2.IsNullable ? "OptionalString" : "String")}(raw);");
                break;
            case ReturnForm.Fields:
                writer.Line("return raw is null ? null : Marshalling.ToManaged(*raw);");
                break;
            case ReturnForm.Object when plan2.IsOwned:
                writer.Line(plan2.IsNullable ? "return made;" : "return made!;");
                break;
            case ReturnForm.Object:
                writer.Line($"return Library.ObjectAt<{plan2.Managed.TrimEnd('?')}>(raw, ClassId.{ClassConstant(plan2.Class!)}, this, ObjectUse.Borrowed){(plan2.IsNullable ? string.Empty : "!")};");
                break;
            case ReturnForm.Array:
                Array(writer, plan, countOut is null ? "count" : countOut.Stem + "Out");
                break;
            default:
                if (plan2.Managed == "Dims" && (!sameReturn || plan.Variants[0].Returns == "Dims"))
                {
                    writer.Line("return Dims.InPieces(&raw);");
                    break;
                }

                if (!sameReturn)
                {
                    writer.Line("return raw;");
                    break;
                }

                bool byReference = plan.Variants[0].Returns.EndsWith('*') && plan2.Managed != "nint";
                writer.Line(plan2.Managed == "nint"
                    ? "return (nint)raw;"
                    : $"return {ProxyArguments.ReturnCodec(plan, plan.Variants[0]).In(byReference ? "(*raw)" : "raw", "Library")};");
                break;
        }
    }

    private static void Array(CodeWriter writer, MemberPlan plan, string count)
    {
        ReturnPlan returns = plan.Return;
        writer.Open("if (raw is null)");
        writer.Line(returns.IsNullable ? "return null;" : "return [];");
        writer.Close();
        writer.Line();
        writer.Line($"{returns.Element}[] items = new {returns.Element}[Math.Max((long){count}, 0)];");
        writer.Open("for (int i = 0; i < items.Length; i++)");
        writer.Line(returns.Class is not null
            ? $"items[i] = Library.ObjectAt<{returns.Element}>(((void**)raw)[i], ClassId.{ClassConstant(returns.Class)}, this, ObjectUse.Borrowed)!;"
            : returns.Element == "string"
                ? "items[i] = Marshalling.String(((byte**)raw)[i]);"
                : $"items[i] = ({returns.Element})(({(returns.Element == "byte" ? "byte*" : plan.Variants[0].Returns)})raw)[i];");
        writer.Close();
        writer.Line();
        writer.Line("return items;");
    }

    /// <summary>A method that fills arrays of the caller's and says how many there are: asked twice.</summary>
    private static void Lists(CodeWriter writer, MemberPlan plan, string id)
    {
        Variant variant = plan.Variants[0];
        ParameterPlan[] lists = [.. plan.Parameters.Where(parameter => parameter.Form == ParameterForm.List)];
        string pointer = $"(({variant.Pointer(false)})(*(void***)self)[entry & SlotTables.SlotMask])";
        string Text(ParameterPlan list) => plan.ListElement(list).Managed == "string" ? $"((byte**){list.Stem}Buffer.Pointer)" : $"{list.Stem}Buffer.Pointer";
        string Pass(string size, bool first) => string.Join(", ", plan.Parameters.Select(parameter => parameter.Form == ParameterForm.Count ? size : first ? "null" : Text(parameter)).Prepend("self"));
        string failed = plan.Return.Fails == "negative" ? ", count < 0" : string.Empty;
        writer.Line("CallFrame frame = CallFrame.Enter(this);");
        writer.Line($"int count = {pointer}({Pass("0", true)});");
        writer.Line($"frame.Leave(Library, {id}{failed});");
        foreach (ParameterPlan list in lists)
        {
            writer.Line($"using NativeBuffer<{(plan.ListElement(list).Managed == "string" ? "nint" : plan.ListElement(list).Native)}> {list.Stem}Buffer = new(count);");
        }

        writer.Open("if (count > 0)");
        writer.Line("frame = CallFrame.Enter(this);");
        writer.Line($"count = Math.Min(count, {pointer}({Pass("count", false)}));");
        writer.Line($"frame.Leave(Library, {id}{failed});");
        writer.Close();
        writer.Line();
        writer.Line("GC.KeepAlive(this);");
        string[] elements = [.. lists.Select(list => plan.ListElement(list).Managed == "string" ? $"Marshalling.String({Text(list)}[i])" : plan.ListElement(list).In($"{Text(list)}[i]", "Library"))];
        writer.Line($"{plan.Return.Managed} items = new {plan.Return.Managed[..^2]}[Math.Max(count, 0)];");
        writer.Open("for (int i = 0; i < items.Length; i++)");
        writer.Line($"items[i] = {(elements.Length == 1 ? elements[0] : "(" + string.Join(", ", elements) + ")")};");
        writer.Close();
        writer.Line();
        writer.Line("return items;");
    }
}
